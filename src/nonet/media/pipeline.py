"""What each step does with a file. Each takes its work and returns what it leaves; none writes to the database.

A refusal raised here ends the step for good; any other exception is tried again by the job that runs it.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from nonet.core import errors
from nonet.media import captions, encode, pictures, plan, probe, service, sound, source, tracks, uploads
from nonet.media.tables import File
from nonet.media.work import Left, Work, object_key

HASH_BYTES = 4 * 1024 * 1024


async def verify(work: Work) -> Left:
    """Hash the whole upload, compare it with what the sender declared and move it into storage."""
    store, key = service.store(), object_key(work.asset.id, "original", "upload")
    spool = uploads.spool_path(work.asset.id)
    path = spool
    if not spool.exists():
        # A run that ended before it could record this had moved it already.
        path = store.local_path(key) or work.folder / "upload"
        if path.parent == work.folder:
            await store.get_file(key, path)
    digest = await _hash(work, path)
    size, declared = path.stat().st_size, work.upload.declared_sha256
    if size != work.upload.size_bytes or (declared and declared != digest):
        raise uploads.ChecksumMismatch
    if path == spool:
        await store.put_file(key, spool, "application/octet-stream")
    file = File(asset_id=work.asset.id, name="upload", kind="original", size_bytes=size)
    return Left(values={"sha256": digest}, files=[file])


async def _hash(work: Work, path: Path) -> str:
    digest, done = hashlib.sha256(), 0

    def piece() -> int:
        data = file.read(HASH_BYTES)
        digest.update(data)
        return len(data)

    with path.open("rb") as file:
        while count := await asyncio.to_thread(piece):
            done += count
            work.progress(done / max(1, work.upload.size_bytes))
    return digest.hexdigest()


async def read(work: Work) -> Left:
    """Look into the upload and plan what is made of it; refusals say what a person can do."""
    found = await probe.probe(await work.fetch("upload"), work.intake)
    made = plan.make(found, plan.Policy())
    skipped = [
        name
        for name, needed in {
            "sound": made.has_audio,
            "captions": bool(found.texts),
            "sizes": bool(made.rest) or made.copies_audio,
        }.items()
        if not needed
    ]
    values = {
        "source": source.dump(found),
        "plan": plan.dump(made),
        "quick": made.copied and (made.copies_audio or not made.has_audio),
        "duration_ms": found.duration_ms,
        "width": found.video.width,
        "height": found.video.height,
    }
    return Left(values=values, skipped=skipped)


async def level(work: Work) -> Left:
    """Measure the sound and write the one levelled track that every encoded size carries."""
    path, found = await work.input()
    if found.audio is None:
        return Left(state="skipped")
    track = await sound.prepare(path, found, work.folder, progress=work.progress)
    data = {
        "loudness_lufs": track.loudness_lufs,
        "peak_dbtp": track.peak_dbtp,
        "gain_db": track.gain_db,
        "waveform": list(track.waveform),
        "cpu_s": track.cpu_s,
    }
    file = work.keep(track.path, "track", data)
    values = {"waveform": data["waveform"], "loudness_lufs": track.loudness_lufs, "gain_db": track.gain_db}
    retired = [f.name for f in work.of_kind("track") if f.name != file.name]
    return Left(values=values, files=[file], retired=retired)


async def first(work: Work) -> Left:
    """Make what plays first: the upload laid anew when that is possible, else the smallest size alone."""
    path, found = await work.input()
    made = _plan(work)
    track = None if made.copies_audio else await _track(work)
    renditions = await encode.first(path, found, made, work.folder, track=track, progress=work.progress)
    return _publish(work, list(renditions))


async def sizes(work: Work) -> Left:
    """Make every other size at once, and a copied picture again with the levelled sound."""
    path, found = await work.input()
    made = _plan(work)
    track = await _track(work)
    renditions = await encode.rest(path, found, made, work.folder, track=track, progress=work.progress)
    if not renditions:
        return Left(state="skipped")
    names = {r.name for r in renditions}
    old = [r for r in work.renditions() if r.name not in names]
    left = _publish(work, [*old, *renditions])
    if made.copied and found.audio and work.of_kind("original") and any(r.copied for r in renditions):
        kept = await sound.keep_source(path, found, work.folder)
        left.files.append(work.keep(kept, "source_audio"))
    return left


def _plan(work: Work) -> plan.Plan:
    return plan.load(work.asset.plan or {})


async def _track(work: Work) -> sound.Track | None:
    """Return the levelled track; None when there is none, or the sound could not be read."""
    kept = work.of_kind("track")
    if not kept:
        return None
    data = kept[-1].data or {}
    path = await work.fetch(kept[-1].name)
    return sound.Track(
        path, data["loudness_lufs"], data["peak_dbtp"], data["gain_db"], tuple(data["waveform"]), data["cpu_s"]
    )


def _publish(work: Work, renditions: list[encode.Rendition]) -> Left:
    """Write the master playlist of what plays now, and retire what it no longer names."""
    master = encode.master(renditions, work.folder)
    files = [work.keep(work.folder / master, "master")]
    for each in renditions:
        if (work.folder / each.file).exists():
            files.append(work.keep(work.folder / each.file, "rendition", encode.dump(each)))
            files.append(work.keep(work.folder / each.playlist, "playlist"))
    named = {master} | {n for r in renditions for n in (r.file, r.playlist)}
    kinds = ("master", "rendition", "playlist")
    retired = [f.name for kind in kinds for f in work.of_kind(kind) if f.name not in named]
    plain = next((r for r in renditions if r.name == "540"), min(renditions, key=lambda r: r.width * r.height))
    return Left(values={"master": master, "mp4": plain.file}, files=files, retired=retired)


async def cover(work: Work) -> Left:
    """Make the poster, its colour, the moving preview and the scrubber's sprite, all from the smallest rendition."""
    left, duration_ms = Left(), work.asset.duration_ms
    smallest = min(work.renditions(), key=lambda r: r.width * r.height)
    rendition = await work.fetch(smallest.file)
    sprite = await pictures.sprite(rendition, duration_ms, work.folder)
    work.progress(0.3)
    at_ms, key = work.asset.cover_at_ms, False
    if at_ms is None:
        try:
            at_ms = await asyncio.to_thread(pictures.most_telling_ms, sprite, duration_ms, work.folder)
            key = not pictures.is_fine(duration_ms)
        except pictures.PictureDark as dark:
            left.state, left.refusal, at_ms = "failed", dark, duration_ms // 3
    poster = await pictures.poster(rendition, duration_ms, work.folder, at_ms, key=key)
    work.progress(0.6)
    preview = await pictures.preview(rendition, duration_ms, work.folder)
    made = ((sprite.file, "sprite"), (poster.file, "poster"), (preview, "preview"))
    left.files += [work.keep(work.folder / name, kind) for name, kind in made]
    left.values = {"poster": poster.file, "placeholder": poster.placeholder}
    left.values |= {"preview": preview, "sprite": _sprite(sprite)}
    named = {f.name for f in left.files}
    left.retired = [f.name for k in ("poster", "preview", "sprite") for f in work.of_kind(k) if f.name not in named]
    return left


def _sprite(sprite: pictures.Sprite) -> dict[str, Any]:
    return {
        "file": sprite.file,
        "columns": sprite.columns,
        "rows": sprite.rows,
        "interval_ms": sprite.interval_ms,
        "width": sprite.width,
        "height": sprite.height,
    }


async def embedded(work: Work) -> Left:
    """Turn the upload's own text tracks into captions; those a person has sent meanwhile stand."""
    path, found = await work.input()
    texts = await captions.extract(path, found, work.folder)
    if not texts:
        return Left(state="skipped")
    left = Left()
    for text, vtt in texts:
        language = text.language if captions.is_language(text.language) else "und"
        left.tracks.append(tracks.make(work.asset.id, language, "embedded", vtt))
    return left


async def check(work: Work) -> Left:
    """Read everything back as a player would, then let go of what is no longer needed."""
    renditions = work.renditions()
    for each in renditions:
        for name in (each.file, each.playlist):
            path = await work.fetch(name)
            if path.parent != work.folder:
                (work.folder / name).symlink_to(path)
    try:
        await encode.check(renditions, work.folder)
    except encode.BrokenRenditionError as error:
        raise CheckFailed(what=str(error)[:200]) from error
    retired = [] if work.states["sizes"] == "failed" else [f.name for f in work.of_kind("track")]
    if await _dispensable(work, renditions):
        retired.append("upload")
    return Left(retired=retired)


class CheckFailed(errors.Refusal):
    """A finished file doesn't hold what it should."""

    code = "check_failed"
    sentence = "The final check failed: {what}. It plays, but may stop or skip. Try again, or send the file once more."


async def _dispensable(work: Work, renditions: list[encode.Rendition]) -> bool:
    """Tell whether the upload may go: by policy, or because the copied rendition holds every packet of it."""
    if not work.of_kind("original") or work.keep_originals == "always":
        return False
    if work.keep_originals == "never":
        return True
    copied = [r for r in renditions if r.copied]
    if not copied:
        return False
    kept = work.of_kind("source_audio")
    audio = await work.fetch(kept[-1].name) if kept else None
    found = source.load(work.asset.source or {})
    return await encode.stands_in(await work.fetch("upload"), found, await work.fetch(copied[-1].file), audio)


STEPS: dict[str, Callable[[Work], Awaitable[Left]]] = {
    "verify": verify,
    "read": read,
    "sound": level,
    "first": first,
    "cover": cover,
    "captions": embedded,
    "sizes": sizes,
    "check": check,
}
