"""Writes HLS playlists (RFC 8216): one a rendition, byte ranges into its one file, and the master over them. Pure."""

from math import ceil

from nonet.media.fragments import Movie

VERSION = 7  # fragmented MP4 with EXT-X-MAP


def media(movie: Movie, file: str) -> str:
    """Write the playlist of one file: its header once, then each fragment as a segment."""
    longest = max(f.duration_s for f in movie.fragments)
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{VERSION}",
        f"#EXT-X-TARGETDURATION:{max(1, ceil(longest))}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{file}",BYTERANGE="{movie.init_size}@0"',
    ]
    for each in movie.fragments:
        lines += [f"#EXTINF:{each.duration_s:.6f},", f"#EXT-X-BYTERANGE:{each.size}@{each.start}", file]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def peak_bps(movie: Movie) -> int:
    """Return the bit rate of the costliest segment."""
    return ceil(max(f.size * 8 / max(f.duration_s, 0.1) for f in movie.fragments))


def average_bps(movie: Movie) -> int:
    """Return the bit rate of the whole."""
    return ceil(sum(f.size for f in movie.fragments) * 8 / max(movie.duration_s, 0.1))


def variant(*, peak: int, average: int, codecs: str, width: int, height: int, fps: float, playlist: str) -> str:
    """Write one rendition's two lines of the master playlist."""
    return (
        f"#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},"
        f'CODECS="{codecs}",RESOLUTION={width}x{height},FRAME-RATE={fps:.3f}\n{playlist}\n'
    )


def master(variants: list[str]) -> str:
    """Write the master playlist over variants, in the order given."""
    return f"#EXTM3U\n#EXT-X-VERSION:{VERSION}\n#EXT-X-INDEPENDENT-SEGMENTS\n" + "".join(variants)
