"""What happens in the demo, before anything does."""

import numpy as np
import pytest

from nonet.demo import clips, filling, people, story, watching

SIZES = ("small", "full")


@pytest.mark.parametrize("size", SIZES)
def test_a_story_is_the_same_whenever_it_is_told_and_goes_forward(size: str) -> None:
    told = story.tell(size)
    assert told == story.tell(size)
    assert [each.at_h for each in told] == sorted(each.at_h for each in told)
    assert told[-1].at_h <= story.DAYS * 24 + 12
    assert all(hasattr(filling.Filling, f"_{each.what}") for each in told)


@pytest.mark.parametrize("size", SIZES)
def test_nobody_acts_who_does_not_take_part_or_on_a_clip_before_it_appears(size: str) -> None:
    cast, shown = people.cast(size)
    handles, there = {each.handle for each in cast} | {""}, set()
    for each in story.tell(size):
        assert each.by in handles
        assert each.given.get("whom", "") in handles
        if each.what == "publish":
            there.add(each.given["clip"])
        elif each.what == "comment":
            assert each.given["clip"] in there
            assert {reply["by"] for reply in each.given["replies"]} | set(each.given["likes"]) <= handles
    assert there == {clip.name for clip in shown}


def test_the_first_five_clips_appear_before_anything_else_takes_time() -> None:
    first = [each.what for each in story.tell("full")[:8]]
    assert first.count("publish") == story.FIRST
    assert "watch" not in first


def test_everything_that_is_said_is_about_clips_and_people_that_exist() -> None:
    said, names = clips.read("talk.toml"), {each.name for each in clips.every()}
    handles = {each.handle for each in people.every()}
    assert {row["clip"] for row in said["comment"]} <= names
    assert {name for row in said["playlist"] for name in row["clips"]} <= names
    assert {row["by"] for kind in said.values() for row in kind} <= handles


def test_events_of_a_watch_follow_each_other_and_never_tell_of_more_than_passed() -> None:
    served = {"request_id": "7", "position": 0, "ticket": "x"}
    card = {"id": "5", "duration_ms": 7000, "author": {"handle": "ada.quill"}, "served": served}
    for seed in range(40):
        (seen,) = watching.page([card], f"visitor {seed}", np.random.default_rng(seed), 1_795_000_000_000)
        moments = [int(event["id"].replace("-", "")[:12], 16) for event in seen.events]
        assert moments == sorted(moments)
        assert moments[-1] == seen.until_ms
        played = sum(event.get("played_ms", 0) for event in seen.events)
        assert played <= seen.until_ms - moments[0]
        assert [event["kind"] for event in seen.events[:2]] == ["impression", "start"]
