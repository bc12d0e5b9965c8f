"""Pictures and music of the demo: pure, and the same wherever they are made again."""

from collections import Counter
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonet.accounts import handles
from nonet.demo import clips, drums, music, people, timbres
from nonet.demo.clips import Clip
from nonet.demo.music import Song
from nonet.demo.pictures import canvas

A_FEW = slice(0, 13, 4)
STYLES = {each.style: each for each in clips.every()}


@pytest.mark.parametrize("clip", STYLES.values(), ids=STYLES)
def test_a_style_draws_the_same_pictures_from_the_same_seed(clip: Clip) -> None:
    one, other = (list(islice(clips.frames(clip), A_FEW.start, A_FEW.stop, A_FEW.step)) for _ in range(2))
    assert [frame.tobytes() for frame in one] == [frame.tobytes() for frame in other]
    assert any(np.any(frame != one[0]) for frame in one[1:])
    for frame in one:
        height, width, colours = frame.shape
        assert (frame.dtype, colours) == (np.uint8, 3)
        assert width * 16 == height * 9
        assert frame.std() > 5, "a picture of one colour"


@pytest.mark.parametrize("style", sorted(STYLES.keys() - {"banners", "calls", "loom"}))  # their words and rule decide
def test_another_seed_draws_another_picture(style: str) -> None:
    clip = STYLES[style]
    drawn = [canvas_of(clip, seed) for seed in (1, 2)]
    assert np.any(drawn[0] != drawn[1])


def canvas_of(clip: Clip, seed: int) -> canvas.Frame:
    return next(clips.frames(Clip(**{**{name: getattr(clip, name) for name in clip.__slots__}, "seed": seed})))


def test_a_song_is_the_same_samples_from_the_same_seed_and_others_from_another() -> None:
    song = clips.every()[0].song
    one = music.play(song)
    assert one.tobytes() == music.play(song).tobytes()
    assert not np.array_equal(one, music.play(Song(**{**values(song), "seed": song.seed + 1})))


def values(song: Song) -> dict[str, object]:
    return {name: getattr(song, name) for name in song.__slots__}


@settings(max_examples=12, deadline=None)
@given(
    bpm=st.integers(70, 140),
    scale=st.sampled_from(sorted(music.SCALES)),
    root=st.integers(48, 66),
    groove=st.sampled_from(sorted(drums.GROOVES)),
    lead=st.sampled_from(["koto", "electric", "flute", "square", "bell"]),
    seed=st.integers(0, 1 << 20),
)
def test_no_song_is_louder_than_the_ceiling_or_silent(  # noqa: PLR0917 - what a song is drawn from
    bpm: int, scale: str, root: int, groove: str, lead: str, seed: int
) -> None:
    played = music.play(Song(bpm=bpm, bars=1, scale=scale, root=root, groove=groove, lead=lead, seed=seed))
    assert np.abs(played).max() <= music.CEILING + 1e-6
    assert np.sqrt((played**2).mean()) > 0.03
    assert np.isfinite(played).all()
    assert len(played) == round(4 * 60 / bpm * timbres.RATE)


def test_there_are_forty_clips_of_many_styles_each_with_its_own_music() -> None:
    every = clips.every()
    assert len(every) == len({each.name for each in every}) == 40
    assert all(5 <= each.song.seconds <= 12 for each in every)
    assert len(STYLES) >= 6
    assert len({(each.song.groove, each.song.lead, each.song.scale, each.song.bpm) for each in every}) == 40
    assert len({each.language for each in every}) >= 8
    assert max(Counter(each.by for each in every).values()) <= 6
    assert not [each.name for each in every if not (each.alt_text and "#" in each.caption)]


def test_the_people_are_a_dozen_with_handles_one_may_have() -> None:
    every = people.every()
    assert len({handles.skeleton(each.handle) for each in every}) == 12
    for each in every:
        assert handles.well_formed(each.handle)
        assert not handles.reserved(each.handle)
    assert {clip.by for clip in clips.every()} == {each.handle for each in every}
    assert sum(each.private for each in every) == 1


def test_a_portrait_is_a_square_picture() -> None:
    drawn = people.portrait(people.every()[1])
    assert drawn.startswith(b"\x89PNG")
    assert drawn == people.portrait(people.every()[1])
