"""Light as BT.2100 codes it (PQ and HLG), written by hand so that what tone mapping makes of it can be compared."""

import numpy as np
from numpy.typing import NDArray

WHITE = 203  # cd/m2 of SDR white in HDR, ITU-R BT.2408
TO_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
Numbers = NDArray[np.float64]


def frames(transfer: str, patches: tuple[str, ...]) -> bytes:
    """Give 45 frames of 270x480 in 10-bit 4:2:0: four patches around mid grey."""
    planes = [np.full((480, 270), 0.0), np.full((240, 135), 0.0), np.full((240, 135), 0.0)]
    places = ((0, 0), (0, 180), (390, 0), (390, 180))
    coded = [ycbcr(colour, transfer) for colour in ("0x606060", *patches)]
    for plane, (whole, *four), half in zip(planes, zip(*coded, strict=True), (1, 2, 2), strict=True):
        plane[:] = whole
        for (y, x), value in zip(places, four, strict=True):
            plane[y // half : (y + 90) // half, x // half : (x + 90) // half] = value
    return b"".join(plane.round().astype("<u2").tobytes() for plane in planes) * 45


def ycbcr(colour: str, transfer: str) -> tuple[float, float, float]:
    """Code an SDR colour, as a BT.1886 screen shows it, in ten bits."""
    shown = np.array([int(colour[at : at + 2], 16) / 255 for at in (2, 4, 6)]) ** 2.4
    light = TO_2020 @ shown * WHITE
    red, green, blue = pq(light) if transfer == "smpte2084" else hlg(light)
    y = 0.2627 * red + 0.6780 * green + 0.0593 * blue
    return 64 + 876 * y, 512 + 896 * (blue - y) / 1.8814, 512 + 896 * (red - y) / 1.4746


def pq(light: Numbers) -> Numbers:
    """Code cd/m2 as SMPTE ST 2084."""
    y = np.clip(light / 10000, 0, 1) ** 0.1593017578125
    coded: Numbers = ((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375
    return coded


def hlg(light: Numbers) -> Numbers:
    """Code cd/m2 on a screen of 1,000 as hybrid log-gamma."""
    shown = light / 1000
    scene = shown * max(float(np.dot([0.2627, 0.6780, 0.0593], shown)), 1e-6) ** (1 / 1.2 - 1)
    high = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-6)) + 0.55991073
    coded: Numbers = np.where(scene <= 1 / 12, np.sqrt(3 * scene), high)
    return coded
