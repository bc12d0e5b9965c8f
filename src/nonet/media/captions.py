"""Captions as WebVTT: VTT and SRT that people send, and text tracks inside videos, read into one plain form.

Pure but for ``extract``. The syntax is that of WebVTT (W3C, 2019) and of SubRip as players read it; what a player could
misread, positions, styles and unknown tags, is left out.
"""

import html
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nonet.core.errors import Refusal
from nonet.media import child, languages, probe
from nonet.media.source import Source, Text

BYTES_MOST = 512 * 1024
CUES_MOST = 10_000
TEXT_MOST = 1000  # letters of one cue
LINES_MOST = 8
TRACKS_MOST = 12
HOURS_MOST = 24

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMING = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?")
_TAG = re.compile(r"<(/?)([a-z]+)(?:\.[^>\s]*)?(?:\s+([^<>]*))?>|<[^<>]*>", re.IGNORECASE)
_OVERRIDE = re.compile(r"\{\\[^}]*\}")  # Advanced SubStation codes that SRT files carry
_SKIPPED = ("NOTE", "STYLE", "REGION")


class CaptionsInvalid(Refusal):
    """The text isn't VTT or SRT; ``line`` says where."""

    code = "captions_invalid"
    sentence = "Line {line}: {reason} Captions are WebVTT or SRT files with times like 00:01.000 --> 00:02.500."


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption: when, and its lines as VTT writes them, with <i>, <b>, <u> and <v speaker> alone."""

    start_ms: int
    end_ms: int
    text: str


def parse(raw: bytes) -> tuple[Cue, ...]:
    """Read VTT or SRT into cues, sorted, bounded and free of other markup. Raises CaptionsInvalid."""
    if len(raw) > BYTES_MOST:
        raise CaptionsInvalid(line=1, reason=f"The file is larger than {BYTES_MOST // 1024} KB.")
    cues = []
    for number, block in _blocks(_decode(raw)):
        if number == 1 and block[0].startswith("WEBVTT"):
            continue
        if block[0].startswith(_SKIPPED) and not _TIMING.fullmatch(block[0]):
            continue
        cue = _cue(number, block)
        if cue.text:
            cues.append(cue)
        if len(cues) > CUES_MOST:
            raise CaptionsInvalid(line=number, reason=f"There are more than {CUES_MOST} captions.")
    if not cues:
        raise CaptionsInvalid(line=1, reason="There is no caption in it.")
    return tuple(sorted(cues, key=lambda cue: (cue.start_ms, cue.end_ms)))


def _decode(raw: bytes) -> str:
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")  # what old SubRip tools write


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each run of lines between blank ones, with the number of its first."""
    lines = re.split(r"\r\n|\n|\r", text)
    for filled, group in itertools.groupby(enumerate(lines, 1), key=lambda pair: bool(pair[1].strip())):
        if filled:
            numbered = list(group)
            yield numbered[0][0], [line for _, line in numbered]


def _cue(number: int, block: list[str]) -> Cue:
    at = next((i for i, line in enumerate(block[:2]) if "-->" in line), None)
    if at is None:
        raise CaptionsInvalid(line=number, reason="Times are missing here.")
    timing = _TIMING.fullmatch(block[at])
    if timing is None:
        raise CaptionsInvalid(line=number + at, reason="These times can't be read.")
    parts = timing.groups()
    start_ms, end_ms = _ms(*parts[:4]), _ms(*parts[4:])
    if end_ms <= start_ms or end_ms > HOURS_MOST * 3_600_000:
        raise CaptionsInvalid(line=number + at, reason="The end isn't after the start.")
    return Cue(start_ms, end_ms, _text(block[at + 1 :]))


def _ms(hours: str | None, minutes: str, seconds: str, fraction: str) -> int:
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int(fraction.ljust(3, "0"))


def _text(lines: list[str]) -> str:
    """Keep the words and four tags of a cue's lines, each tag closed where it was opened."""
    joined = _OVERRIDE.sub("", "\n".join(lines))
    written, opened, place = [], list[str](), 0
    for tag in _TAG.finditer(joined):
        written.append(_words(joined[place : tag.start()]))
        place = tag.end()
        name = (tag[2] or "").lower()
        if name not in {"i", "b", "u", "v"}:
            continue
        if not tag[1]:
            speaker = _words(tag[3] or "").replace("\n", " ").strip()[:80]
            if name != "v" or speaker:
                opened.append(name)
                written.append(f"<v {speaker}>" if name == "v" else f"<{name}>")
        elif opened and opened[-1] == name:
            written.append(f"</{opened.pop()}>")
    written.append(_words(joined[place:]))
    written += [f"</{name}>" for name in reversed(opened)]
    kept = [line.strip() for line in "".join(written).split("\n")]
    filled = [line for line in kept if re.sub(r"<[^<>]*>", "", line).strip()]
    text = "\n".join(filled[:LINES_MOST])
    whole = len(filled) == len([line for line in kept if line]) <= LINES_MOST and len(text) <= TEXT_MOST
    return text if whole else html.escape(_plain(text)[:TEXT_MOST].strip(), quote=False)


def _plain(text: str) -> str:
    """Return a cue's words without tags and escapes."""
    return html.unescape(re.sub(r"<[^<>]*>", "", text))


def _words(text: str) -> str:
    """Return text as VTT writes it: entities resolved once, control letters gone, the three signs escaped."""
    plain = "".join(c for c in html.unescape(text) if c == "\n" or c.isprintable() or c == "\u200d")
    return html.escape(plain, quote=False)


def render(cues: tuple[Cue, ...]) -> str:
    """Write cues as WebVTT; ``parse`` reads them back equal."""
    blocks = [f"{_stamp(cue.start_ms)} --> {_stamp(cue.end_ms)}\n{cue.text}\n" for cue in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def _stamp(ms: int) -> str:
    seconds, fraction = divmod(ms, 1000)
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}.{fraction:03d}"


def normalise(raw: bytes) -> str:
    """Turn VTT or SRT into the plain WebVTT that is stored and served. Raises CaptionsInvalid."""
    return render(parse(raw))


def is_language(tag: str) -> bool:
    """Tell whether a BCP 47 tag is shaped well enough to name a file: "en", "pt-BR", "zh-Hans"."""
    return languages.is_tag(tag)


async def extract(path: Path, source: Source, folder: Path) -> tuple[tuple[Text, str], ...]:
    """Read the embedded text tracks as WebVTT texts, one a language; a track that can't be read is left out."""
    found: dict[str, tuple[Text, str]] = {}
    limits = child.Limits(memory_mb=2048, cpu_s=60, wall_s=120, file_mb=8)
    for text in source.texts[:TRACKS_MOST]:
        made = folder / f"track-{text.index}.vtt"
        options: list[str | Path] = [*probe.demuxing(source.container), "-i", path, "-map", f"0:{text.index}"]
        options += ["-c:s", "webvtt"]
        try:
            await child.ffmpeg(*options, "-f", "webvtt", "-y", made, limits=limits, reads=[path], writes=folder)
            written = normalise(made.read_bytes())
        except (child.ToolError, CaptionsInvalid, OSError):
            continue
        found.setdefault(text.language, (text, written))
    return tuple(found.values())
