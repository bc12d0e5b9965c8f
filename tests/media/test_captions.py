import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.media import captions

SRT = b"""1
00:00:01,000 --> 00:00:02,500
<font color="red">That one's</font> an {\\an8}<i>F sharp</i>.

2
00:00:03,000 --> 00:00:04,000 X1:20
Ish.
"""


def test_srt_becomes_plain_webvtt() -> None:
    text = captions.normalise(SRT)
    assert text.startswith("WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nThat one's an <i>F sharp</i>.\n")
    assert "00:00:03.000 --> 00:00:04.000\nIsh." in text


def test_vtt_loses_styles_positions_and_unknown_tags() -> None:
    raw = (
        b"WEBVTT - a title\n\nSTYLE\n::cue { background: url(http://10.0.0.1/x) }\n\nNOTE hidden\n\n"
        b"intro\n00:01.000 --> 00:02.000 line:0 position:50%\n<v Ilse><c.loud>Hi</c> <script>x</script> a < b\n"
    )
    (cue,) = captions.parse(raw)
    assert cue.text == "<v Ilse>Hi x a &lt; b</v>"
    assert "url(" not in captions.render((cue,))


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"", 1),
        (b"WEBVTT\n", 1),
        (b"WEBVTT\n\nhello\n", 3),
        (b"WEBVTT\n\n00:05.000 --> 00:04.000\nback\n", 3),
        (b"WEBVTT\n\n1\n00:aa --> 00:02.000\nx\n", 4),
        (b"#EXTM3U\nhttp://10.0.0.1/x\n", 1),
        (b"WEBVTT\n\n" + b"x" * captions.BYTES_MOST, 1),
    ],
)
def test_what_is_no_caption_file_is_refused_with_its_line(raw: bytes, line: int) -> None:
    with pytest.raises(captions.CaptionsInvalid) as refused:
        captions.parse(raw)
    assert refused.value.details["line"] == line


def test_old_encodings_are_read() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nÇa va\n"
    for raw in (
        text.encode("utf-16"),
        text.encode("utf-8-sig"),
        text.encode("cp1252"),
        text.replace("\n", "\r\n").encode(),
    ):
        assert captions.parse(raw)[0].text == "Ça va"


@given(st.binary(max_size=2000))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(captions.CaptionsInvalid):
        assert captions.parse(raw)


LINE = st.text(alphabet=st.sampled_from("abc <>/&;iubv.{}\\-\u202e\x00é\n"), max_size=60)
TIMES = st.tuples(st.integers(0, 10**6), st.integers(1, 10**5))


@given(st.lists(st.tuples(TIMES, LINE), min_size=1, max_size=6))
def test_what_was_read_once_reads_back_equal(drawn: list[tuple[tuple[int, int], str]]) -> None:
    raw = captions.render(tuple(captions.Cue(start, start + length, text) for (start, length), text in drawn))
    try:
        cues = captions.parse(raw.encode())
    except captions.CaptionsInvalid:
        return
    assert captions.parse(captions.render(cues).encode()) == cues


@given(st.text(alphabet="<>/iubv &;", max_size=80))
def test_no_tag_but_the_four_comes_through(text: str) -> None:
    raw = f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text}\n".encode()
    try:
        cues = captions.parse(raw)
    except captions.CaptionsInvalid:
        return
    import re  # noqa: PLC0415

    for tag in re.findall(r"<[^>]*>", cues[0].text):
        assert re.fullmatch(r"</?[iubv]>|<v [^<>]+>", tag), tag
