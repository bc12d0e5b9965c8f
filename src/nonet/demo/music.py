"""Music of our own: a tune, chords, a bass and drums for each clip, made of sines and noise. Pure: a seed, a sound.

What rings on past the end begins again at the start, so a loop has no seam.
"""

from dataclasses import dataclass

import numpy as np

from nonet.demo import drums, timbres
from nonet.demo.timbres import RATE, Mono

Stereo = np.ndarray[tuple[int, int], np.dtype[np.float32]]
"""Samples from -1 to 1, two channels: ``(samples, 2)``."""

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "harmonic": (0, 2, 3, 5, 7, 8, 11),
    "hijaz": (0, 1, 4, 5, 7, 8, 10),
    "pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "hirajoshi": (0, 2, 3, 7, 8),
    "insen": (0, 1, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
    "whole": (0, 2, 4, 6, 8, 10),
}
PROGRESSIONS = ((0, 4, 5, 3), (0, 5, 3, 4), (0, 3, 0, 4), (5, 3, 0, 4), (0, 2, 3, 4), (0, 6, 5, 4), (0, 0, 3, 0))
CEILING = 0.84
"""The loudest sample; what is between samples and what AAC adds stays below -1 dBTP."""
LOUDNESS_LUFS = -14.0
"""How loud the product wants a video, so that it leaves the sound as it is."""
_SHELF_HZ, _SHELF = 1500.0, 2.51


@dataclass(frozen=True, slots=True)
class Song:
    """What a clip sounds like; ``root`` is a MIDI number, ``swing`` moves every second eighth by so much of one."""

    bpm: float
    bars: int
    scale: str
    root: int
    groove: str
    lead: str
    pad: str = "pad"
    bass: str = "round"
    meter: int = 4
    swing: float = 0.0
    seed: int = 0

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.bars * self.meter * 60 / self.bpm


def play(song: Song) -> Stereo:
    """Return the whole song, mastered: never above CEILING."""
    rng = np.random.default_rng([song.seed, 77])
    length = round(song.seconds * RATE)
    chords = _chords(rng, song)
    tune = _Tape(length)
    low = _Tape(length)
    _melody(rng, song, chords, tune)
    _pads(song, chords, tune)
    _bass(rng, song, chords, low)
    beat, kicks = _drums(rng, song, length)
    wet = tune.sides + _room(rng, tune.sides, 0.32)
    ducked = (wet + low.sides) * _ducking(kicks, length)[:, None]
    return _mastered(ducked + beat)


class _Tape:
    """A loop of two channels that notes are added to."""

    def __init__(self, length: int) -> None:
        self.sides = np.zeros((length, 2), dtype=np.float32)

    def add(self, sound: Mono, at_s: float, gain: float, pan: float = 0.0) -> None:
        """Add a sound; ``pan`` is from -1, left, to 1. What passes the end goes on at the start."""
        length = len(self.sides)
        start = round(at_s * RATE) % length
        sides = np.array([np.cos((pan + 1) * np.pi / 4), np.sin((pan + 1) * np.pi / 4)], dtype=np.float32) * gain
        while len(sound):
            part = sound[: length - start]
            self.sides[start : start + len(part)] += part[:, None] * sides
            sound, start = sound[len(part) :], 0


def _hz(song: Song, degree: int) -> float:
    """Return the frequency of a degree of the scale; 0 is the root, negative ones lie below."""
    scale = SCALES[song.scale]
    octave, step = divmod(degree, len(scale))
    return float(440 * 2 ** ((song.root + 12 * octave + scale[step] - 69) / 12))


def _chords(rng: np.random.Generator, song: Song) -> list[int]:
    known = PROGRESSIONS[int(rng.integers(0, len(PROGRESSIONS)))]
    return [known[bar % len(known)] for bar in range(song.bars)]


def _at(song: Song, bar: int, eighth: float) -> float:
    """Return the second of an eighth of a bar, swung."""
    late = song.swing / 2 if int(eighth) % 2 and eighth == int(eighth) else 0.0
    return (bar * song.meter + (eighth + late) / 2) * 60 / song.bpm


def _melody(rng: np.random.Generator, song: Song, chords: list[int], tape: _Tape) -> None:
    """Play a motif of one bar, an answer, the motif again on the chord of the moment, and a last word."""
    eighths = song.meter * 2
    motifs = [_motif(rng, eighths, len(SCALES[song.scale])) for _ in range(2)]
    for bar, chord in enumerate(chords):
        motif = motifs[(0, 0, 1, 0, 1, 1)[bar % 6]]
        for eighth, step, hold in motif:
            degree = chord % len(SCALES[song.scale]) + step
            seconds = hold * 30 / song.bpm
            note = timbres.note(song.lead, _hz(song, degree + len(SCALES[song.scale])), seconds)
            loud = 0.34 if eighth % 4 == 0 else 0.26
            tape.add(note, _at(song, bar, eighth), loud, 0.25 * np.sin(bar * 2 + eighth))
            tape.add(note, _at(song, bar, eighth) + 0.75 * 60 / song.bpm, loud * 0.22, -0.6 if eighth % 2 else 0.6)


def _motif(rng: np.random.Generator, eighths: int, steps: int) -> list[tuple[float, int, float]]:
    """Choose where notes begin, how high and how long, in eighths: mostly small steps, first and last on the chord."""
    begins = [each for each in range(eighths) if each == 0 or rng.random() < (0.62 if each % 2 == 0 else 0.4)]
    notes, height = [], int(rng.choice([0, 2, 4]))
    for place, begin in enumerate(begins):
        after = begins[place + 1] if place + 1 < len(begins) else eighths
        if begin % 4 == 0:
            height = int(rng.choice([0, 2, 4])) + (steps if rng.random() < 0.15 else 0)
        else:
            height = int(np.clip(height + rng.choice([-2, -1, -1, 1, 1, 2]), -2, steps + 3))
        notes.append((float(begin), height, float(after - begin)))
    return notes


def _pads(song: Song, chords: list[int], tape: _Tape) -> None:
    bar_s = song.meter * 60 / song.bpm
    for bar, chord in enumerate(chords):
        for place, step in enumerate((0, 2, 4)):
            note = timbres.note(song.pad, _hz(song, chord + step), bar_s * 0.98)
            tape.add(note, bar * bar_s, 0.13, (-0.7, 0.0, 0.7)[place])


def _bass(rng: np.random.Generator, song: Song, chords: list[int], tape: _Tape) -> None:
    pattern = drums.BASS[song.groove]
    for bar, chord in enumerate(chords):
        for eighth, step, hold in pattern:
            if eighth >= song.meter * 2:
                continue
            degree = chord + step - 2 * len(SCALES[song.scale])
            if bar == len(chords) - 1 and eighth >= song.meter * 2 - 2 and rng.random() < 0.5:  # a turn
                degree += 1
            note = timbres.note(song.bass, _hz(song, degree), hold * 30 / song.bpm)
            tape.add(note, _at(song, bar, eighth), 0.42)


def _drums(rng: np.random.Generator, song: Song, length: int) -> tuple[Stereo, list[int]]:
    """Play the groove, a fill at the end of the last bar; returns it and the samples the bass drum strikes at."""
    tape, kicks = _Tape(length), []
    kit = drums.kit(song.seed)
    for bar in range(song.bars):
        for name, line in drums.GROOVES[song.groove].items():
            steps = len(line)
            for place, sign in enumerate(line):
                if sign == "." or (bar == song.bars - 1 and name == "hat" and place >= steps - 2):
                    continue
                eighth = place * song.meter * 2 / steps
                gain = (0.9 if sign == "X" else 0.5) * float(rng.uniform(0.88, 1.0)) * drums.LEVELS[name]
                at = _at(song, bar, eighth)
                tape.add(kit[name], at, gain, drums.PLACES[name])
                if name == "kick":
                    kicks.append(round(at * RATE) % length)
    return tape.sides, kicks


def _ducking(kicks: list[int], length: int) -> Mono:
    """Make room for the bass drum: everything else steps back for a fifth of a second."""
    gain = np.ones(length, dtype=np.float32)
    dip = (1 - 0.45 * np.exp(-np.arange(round(0.2 * RATE)) / (0.06 * RATE))).astype(np.float32)
    for at in kicks:
        part = dip[: length - at]
        gain[at : at + len(part)] = np.minimum(gain[at : at + len(part)], part)
    return gain


def _room(rng: np.random.Generator, dry: Stereo, gain: float) -> Stereo:
    """Return the echo of a room of noise that dies in a second; the loop goes round in it."""
    length = len(dry)
    tail = np.zeros((length, 2), dtype=np.float32)
    long = min(length, round(1.1 * RATE))
    decay = np.exp(-np.arange(long) / (0.26 * RATE))[:, None]
    tail[:long] = rng.normal(0, 1, (long, 2)) * decay
    tail[: round(0.012 * RATE)] = 0
    tail *= gain / np.sqrt((tail**2).sum(0))
    wet = np.fft.irfft(np.fft.rfft(dry, axis=0) * np.fft.rfft(tail, axis=0), length, axis=0)
    return wet.astype(np.float32)


def _mastered(mix: Stereo) -> Stereo:
    """Bend what sticks out, then set the loudness; where that would pass the ceiling, the ceiling counts."""
    mix = mix - mix.mean(0)
    bent = np.tanh(mix * _gain(mix, LOUDNESS_LUFS + 1.5))
    gain = min(_gain(bent, LOUDNESS_LUFS), CEILING / float(np.abs(bent).max()))
    made: Stereo = (bent * gain).astype(np.float32)
    return made


def _gain(mix: Stereo, lufs: float) -> float:
    """Return what to multiply by to reach a loudness, by the weights of ITU-R BS.1770, drawn roughly, without gates."""
    power = np.abs(np.fft.rfft(mix, axis=0)) ** 2
    hz = np.fft.rfftfreq(len(mix), 1 / RATE)
    weight = 1 / (1 + (60 / np.maximum(hz, 1)) ** 4) * (1 + (_SHELF - 1) / (1 + (_SHELF_HZ / np.maximum(hz, 1)) ** 3))
    heard = 2 * float((power * weight[:, None]).sum()) / len(mix) ** 2
    return float(10 ** ((lufs + 0.691 - 10 * np.log10(max(heard, 1e-12))) / 20))
