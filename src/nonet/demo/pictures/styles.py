"""Every style by its name."""

from nonet.demo.pictures import cells, contours, creatures, kaleidoscope, papercut, rain, silk, strings, tiles, tunnel
from nonet.demo.pictures import words as lettering
from nonet.demo.pictures.canvas import Style

_STYLES: dict[str, Style] = {
    "silk": silk.silk,
    "contours": contours.contours,
    "tunnel": tunnel.tunnel,
    "kaleidoscope": kaleidoscope.kaleidoscope,
    "life": cells.life,
    "spirals": cells.spirals,
    "loom": cells.loom,
    "strings": strings.strings,
    "papercut": papercut.papercut,
    "rain": rain.rain,
    "parade": creatures.parade,
    "concert": creatures.concert,
    "tiles": tiles.tiles,
}


def find(name: str, words: tuple[str, ...] = ()) -> Style:
    """Return a style; ``banners`` and ``calls`` are made of words."""
    if name == "banners":
        return lettering.banners(*words)
    if name == "calls":
        return lettering.calls(*words)
    return _STYLES[name]
