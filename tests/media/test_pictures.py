"""Poster, preview and sprite from renditions of any shape."""

from pathlib import Path

import pytest
from corpus import H264, encoded
from odd import made, patched
from PIL import Image

from nonet.media import pictures

pytestmark = pytest.mark.media


@pytest.mark.parametrize(("width", "height"), [(270, 480), (480, 270), (1080, 64), (16, 64), (64, 64), (90, 1080)])
async def test_pictures_of_any_shape_keep_it(width: int, height: int, tmp_path: Path) -> None:
    path = made("mp4", *H264, picture=patched(width, height, 30, 1.2), sound=[])
    poster = await pictures.poster(path, 1200, tmp_path, 600)
    assert poster.width / poster.height == pytest.approx(width / height, rel=0.05)
    assert min(poster.width, poster.height) <= pictures.POSTER_SIDE
    assert poster.placeholder.startswith("#")
    with Image.open(tmp_path / await pictures.preview(path, 1200, tmp_path)) as preview:
        assert (preview.format, getattr(preview, "n_frames", 1) > 3) == ("WEBP", True)
        assert preview.width / preview.height == pytest.approx(width / height, rel=0.05)
    sprite = await pictures.sprite(path, 1200, tmp_path)
    assert (sprite.columns, sprite.rows, sprite.interval_ms) == (3, 1, 500)
    with Image.open(tmp_path / sprite.file) as sheet:
        assert sheet.size == (sprite.columns * sprite.width, sprite.rows * sprite.height)


async def test_the_cover_is_the_frame_that_tells_most(tmp_path: Path) -> None:
    dark = "drawbox=0:0:iw:ih:black:fill:enable='lt(t,1.9)'"
    path = made("mp4", *H264, picture=patched(270, 480, 30, 4, dark), sound=[])
    sprite = await pictures.sprite(path, 4000, tmp_path)
    assert pictures.most_telling_ms(sprite, 4000, tmp_path) >= 1900


async def test_the_cover_of_a_longer_video_is_the_very_frame_that_was_judged(tmp_path: Path) -> None:
    """Key frames stand four seconds apart here, so the cell for 10 s shows 8 s, and 9 s to 12 s are black."""
    dark = "drawbox=0:0:iw:ih:black:fill:enable='lt(t,7.5)+gt(t,8.5)'"
    path = made("mp4", *H264[:6], "-g", "120", "-sc_threshold", "0", picture=patched(90, 160, 30, 12, dark))
    sprite = await pictures.sprite(path, 12_000, tmp_path)
    at_ms = pictures.most_telling_ms(sprite, 12_000, tmp_path)
    assert at_ms == 8000
    for asked_ms in (at_ms, at_ms + sprite.interval_ms):
        poster = await pictures.poster(path, 12_000, tmp_path, asked_ms, key=True)
        with Image.open(tmp_path / poster.file) as picture:
            assert picture.convert("L").getextrema()[1] > 100


async def test_a_video_that_stays_dark_has_no_telling_frame(tmp_path: Path) -> None:
    path = encoded("mp4", "-f", "lavfi", "-i", "color=black:size=64x64:rate=5:duration=3", *H264)
    sprite = await pictures.sprite(path, 3000, tmp_path)
    with pytest.raises(pictures.PictureDark):
        pictures.most_telling_ms(sprite, 3000, tmp_path)


async def test_a_picked_moment_is_the_cover_even_the_last(tmp_path: Path) -> None:
    path = encoded("mp4", "-f", "lavfi", "-i", "color=blue:size=64x64:rate=1:duration=3", *H264)
    for at_ms in (0, 1500, 2999, 60_000):
        poster = await pictures.poster(path, 3000, tmp_path, at_ms)
        red, green, blue = (int(poster.placeholder[at : at + 2], 16) for at in (1, 3, 5))
        assert blue > 200
        assert max(red, green) < 60


async def test_a_long_video_has_a_hundred_cells_at_most(tmp_path: Path) -> None:
    path = encoded(
        "mp4",
        "-f",
        "lavfi",
        "-i",
        "color=gray:size=32x64:rate=5:duration=250",
        *H264[:4],
        "-pix_fmt",
        "yuv420p",
        "-g",
        "10",
    )
    sprite = await pictures.sprite(path, 250_000, tmp_path)
    assert sprite.columns * sprite.rows == 100
    assert sprite.interval_ms == 2500
    with Image.open(tmp_path / sprite.file) as sheet:
        assert sheet.convert("L").getextrema()[0] > 100  # every cell is filled
