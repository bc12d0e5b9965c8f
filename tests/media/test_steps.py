from hypothesis import given
from hypothesis import strategies as st

from nonet.media import steps

STATES = st.sampled_from(["waiting", "running", "done", "failed", "skipped"])
fresh = dict.fromkeys(steps.NAMES, "waiting")


def test_an_encoded_first_version_waits_for_the_levelled_sound() -> None:
    states = fresh | {"receive": "done", "verify": "done", "read": "done"}
    assert steps.due(states, quick=False) == ["sound"]
    assert steps.due(states | {"sound": "failed"}, quick=False) == ["first"]


def test_a_quick_first_version_plays_before_its_sound_is_levelled() -> None:
    states = fresh | {"receive": "done", "verify": "done", "read": "done"}
    assert steps.due(states, quick=True) == ["first"]
    assert steps.due(states | {"first": "done"}, quick=True) == ["sound", "cover", "captions"]


def test_a_failed_cover_holds_up_neither_the_sizes_nor_the_end() -> None:
    states = fresh | dict.fromkeys(("receive", "verify", "read", "sound", "first"), "done") | {"cover": "failed"}
    assert steps.due(states, quick=False) == ["captions", "sizes"]
    states |= {"captions": "skipped", "sizes": "done"}
    assert steps.due(states, quick=False) == ["check"]
    assert steps.asset_state(states | {"check": "done"}) == "complete"


@given(st.fixed_dictionaries(dict.fromkeys(steps.NAMES, STATES)), st.booleans())
def test_nothing_is_due_before_what_it_needs_and_nothing_after_a_needed_step_failed(
    states: dict[str, str], quick: bool
) -> None:
    due = steps.due(states, quick=quick)
    if any(states[name] == "failed" for name in steps.NEEDED):
        assert due == []
        assert steps.asset_state(states) == "failed"
    for name in due:
        assert states[name] == "waiting"
        assert all(states[b] in steps.SETTLED for b in steps.before(name, quick=quick))


@given(st.data(), st.booleans())
def test_whatever_side_steps_end_as_every_asset_comes_to_an_end(data: st.DataObject, quick: bool) -> None:
    states = dict(fresh)
    for _ in steps.NAMES:
        for name in steps.due(states, quick=quick):
            ends = ["done"] if name in steps.NEEDED else ["done", "failed", "skipped"]
            states[name] = data.draw(st.sampled_from(ends))
    assert steps.asset_state(states) == "complete"
