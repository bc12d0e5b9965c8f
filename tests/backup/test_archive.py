"""The file of a backup: what is written is read again, and what anyone else wrote is refused before it is used."""

import contextlib
import io
import json
import tarfile
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.backup import FORMAT, ArchiveError, manifest, restoring, tar
from nonet.core import settings

VIDEO = b"a video" * 100_000
OBJECTS = {"objects/assets/42/540-aaaaaaaaaaaa.mp4": VIDEO, "objects/open/face-bbbbbbbbbbbb.webp": b""}
SMALL = {"database/prefs.copy.gz": b"rows", "keys/server.key": bytes(32)}


def write(path: Path, members: dict[str, bytes], **said: Any) -> Path:
    """Write an archive as a backup does, of these members and with this in its manifest."""
    with path.open("w+b") as file, tempfile.TemporaryFile() as sums:
        writer = tar.Writer(file, sums, 0)
        for name, data in members.items():
            with writer.member(name) as put:
                put(data[: len(data) // 2])
                put(data[len(data) // 2 :])
        objects = sum(name.startswith("objects/") for name in members)
        told = manifest.Manifest(
            format=FORMAT,
            product="0.1.0",
            revision="0003",
            made_at=datetime(2026, 11, 22, tzinfo=UTC),
            with_objects=True,
            tables=[],
            days=[],
            sequences={},
            keys=1,
            objects=objects,
            object_bytes=0,
            gone=0,
            sums_sha256=writer.sum_up(),
        )
        writer.end(json.dumps(told.model_dump(mode="json") | said).encode())
    return path


def opened(path: Path) -> tar.Reader:
    return tar.Reader(path)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    archive = opened(write(tmp_path / "a.tar", SMALL | OBJECTS))
    assert {name: b"".join(archive.read(member)) for name, member in archive.small.items()} == SMALL
    assert {each.name: b"".join(archive.read(each)) for each in archive.objects()} == OBJECTS
    archive.close()


def test_every_tar_reads_it(tmp_path: Path) -> None:
    with tarfile.open(write(tmp_path / "a.tar", SMALL | OBJECTS)) as archive:
        assert archive.getnames() == [*SMALL, *OBJECTS, "SHA256SUMS", "manifest.json"]
        assert {member.mode for member in archive} == {0o600}


def test_a_member_beyond_eight_gibibytes_has_its_size_in_the_header() -> None:
    read = tarfile.TarInfo.frombuf(tar.header("objects/originals/1/a.mp4", 1 << 40, 0), "utf-8", "strict")
    assert read.size == 1 << 40


def test_a_member_that_could_not_be_read_leaves_nothing(tmp_path: Path) -> None:
    def broken(put: tar.Put) -> None:
        put(b"half of it")
        raise FileNotFoundError

    with (tmp_path / "a").open("w+b") as file, tempfile.TemporaryFile() as sums:
        writer = tar.Writer(file, sums, 0)
        with pytest.raises(FileNotFoundError), writer.member("objects/open/a") as put:
            broken(put)
        assert (file.tell(), file.read(), sums.tell()) == (0, b"", 0)


HOSTILE: dict[str, Callable[[tarfile.TarInfo], None]] = {
    "an absolute path": lambda info: setattr(info, "name", "/etc/passwd"),
    "a way up": lambda info: setattr(info, "name", "objects/../keys/server.key"),
    "a way up among the keys": lambda info: setattr(info, "name", "keys/.."),
    "a folder below the keys": lambda info: setattr(info, "name", "keys/a/b"),
    "a hidden file": lambda info: setattr(info, "name", "objects/.incoming/a"),
    "a statement": lambda info: setattr(info, "name", 'database/a" --.copy.gz'),
    "an unknown place": lambda info: setattr(info, "name", "postgres/pg_hba.conf"),
    "a symbolic link": lambda info: setattr(info, "type", tarfile.SYMTYPE),
    "a hard link": lambda info: setattr(info, "type", tarfile.LNKTYPE),
    "a device": lambda info: setattr(info, "type", tarfile.CHRTYPE),
    "a folder": lambda info: setattr(info, "type", tarfile.DIRTYPE),
    "a sparse file": lambda info: setattr(info, "type", tarfile.GNUTYPE_SPARSE),
    "a size beyond the end": lambda info: setattr(info, "size", 1 << 33),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_member_that_no_backup_has_is_refused(what: str, tmp_path: Path) -> None:
    info = tarfile.TarInfo("objects/open/a")
    HOSTILE[what](info)
    path = write(tmp_path / "a.tar", SMALL)
    path.write_bytes(info.tobuf(tarfile.GNU_FORMAT) + path.read_bytes())
    with pytest.raises(ArchiveError, match=r"no backup of Nonet|beyond its end"):
        opened(path)


def test_a_negative_size_is_refused(tmp_path: Path) -> None:
    block = bytearray(tar.header("objects/open/a", 0, 0))
    block[124:136] = b"\xff" * 12
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    path = write(tmp_path / "a.tar", SMALL)
    path.write_bytes(bytes(block) + path.read_bytes())
    with pytest.raises(ArchiveError):
        opened(path)


def test_a_member_that_the_list_of_hashes_lacks_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tar", SMALL)
    path.write_bytes(tar.header("objects/open/a", 0, 0) + path.read_bytes())
    with pytest.raises(ArchiveError, match="lacks objects/open/a"):
        opened(path)


def test_changed_bytes_are_found_when_they_are_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tar", OBJECTS)
    path.write_bytes(path.read_bytes().replace(b"a video", b"another", 1))
    archive = opened(path)
    with pytest.raises(ArchiveError, match=r"damaged in objects/assets/42/540-aaaaaaaaaaaa\.mp4"):
        b"".join(archive.read(next(archive.objects())))
    archive.close()


def test_a_changed_list_of_hashes_is_found_at_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tar", SMALL, sums_sha256="0" * 64)
    with pytest.raises(ArchiveError, match="list of hashes"):
        opened(path)


def test_the_backup_of_a_newer_version_is_refused_by_its_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tar", SMALL, format=FORMAT + 1, product="9.9.9")
    with pytest.raises(ArchiveError, match=r"made by Nonet 9\.9\.9, newer than this one"):
        opened(path)


async def test_the_backup_of_a_later_revision_is_refused_before_the_database_is_asked(tmp_path: Path) -> None:
    archive = opened(write(tmp_path / "a.tar", SMALL, revision="9999", product="9.9.9"))
    nowhere = settings.Settings(data_dir=tmp_path, database_url="postgresql://nobody@127.0.0.1:9/none")
    with pytest.raises(ArchiveError, match=r"revision 9999, made by Nonet 9\.9\.9, newer than this one"):
        await restoring.restore(nowhere, archive, lambda _done, _all: None)
    archive.close()


@pytest.mark.parametrize(
    "said",
    [
        {"tables": [{"name": 'a"; DROP TABLE b', "columns": [], "rows": 0}]},
        {"tables": [{"name": "a", "columns": ["b) FROM c"], "rows": 0}]},
        {"days": [{"parent": "events", "name": "a b", "start": "2026-11-22", "until": "2026-11-23"}]},
        {"days": [{"parent": "events", "name": "a", "start": "') --", "until": "2026-11-23"}]},
        {"sequences": {"a'b": 1}},
        {"objects": -1},
        {"revision": None},
    ],
)
def test_a_manifest_with_another_shape_is_refused(said: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="another shape"):
        opened(write(tmp_path / "a.tar", SMALL, **said))


@given(st.binary(max_size=2048))
def test_any_other_file_is_refused(data: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        with pytest.raises(ArchiveError):
            opened(Path(file.name))


def whole() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return write(Path(folder) / "a.tar", SMALL | {"objects/open/a": b"a face"}).read_bytes()


WHOLE = whole()


@given(st.integers(0, len(WHOLE) - 2 * tar.BLOCK - 1))
def test_an_archive_cut_anywhere_is_refused(length: int) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(io.BytesIO(WHOLE).read(length))
        file.flush()
        with pytest.raises(ArchiveError):
            opened(Path(file.name))


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_one_changed_byte_is_found_or_changes_nothing_that_is_used(at: int, to: int) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(WHOLE[:at] + bytes([to]) + WHOLE[at + 1 :])
        file.flush()
        try:
            with contextlib.closing(opened(Path(file.name))) as archive:
                found = [*archive.small.values(), *archive.objects()]
                read = {each.name: b"".join(archive.read(each)) for each in found}
        except ArchiveError:
            return
        assert read == SMALL | {"objects/open/a": b"a face"}
