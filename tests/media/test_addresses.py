"""Addresses of media: what is written can be read, what is signed can't be changed, and no original has one."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.media.delivery import addresses
from nonet.media.delivery.addresses import Verdict

ORIGIN = "https://videos.example"
KEY = bytes(range(32))
NOW = datetime(2026, 11, 22, 15, 20, tzinfo=UTC)

asset_ids = st.integers(1, (1 << 63) - 1)
folder_keys = st.text("ABCabc012_-", min_size=16, max_size=16)
names = st.from_regex(r"\A(540|source|master|poster|pt-BR|zh-Hant)-[0-9a-f]{12}\.(mp4|m3u8|vtt|jpg|webp)\Z")
moments = st.datetimes(datetime(2026, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is given


def path_of(url: str) -> str:
    assert url.startswith(ORIGIN)
    return url.removeprefix(ORIGIN)


@given(asset_ids, folder_keys, names)
def test_a_public_address_reads_back_as_what_it_was_written_from(asset_id: int, folder_key: str, name: str) -> None:
    address = addresses.parse(path_of(addresses.public_url(ORIGIN, asset_id, folder_key, name)))
    assert address is not None
    assert (address.asset_id, address.folder_key, address.name) == (asset_id, folder_key, name)
    assert address.key == f"assets/{asset_id}/{name}"
    assert addresses.verify(address, key=KEY, now=NOW) is Verdict.PUBLIC


@given(asset_ids, folder_keys, names, moments)
def test_a_signed_address_works_until_a_full_hour_at_least_its_lifetime_away(
    asset_id: int, folder_key: str, name: str, now: datetime
) -> None:
    url = addresses.signed_url(ORIGIN, asset_id, folder_key, name, key=KEY, now=now, lifetime_s=7200)
    address = addresses.parse(path_of(url))
    assert address is not None
    assert address.key == f"assets/{asset_id}/{name}"
    assert address.expires_s % 3600 == 0
    assert 7200 - 1 <= address.expires_s - now.timestamp() < 7200 + 3600
    end = datetime.fromtimestamp(address.expires_s, UTC)
    assert addresses.verify(address, key=KEY, now=end - timedelta(seconds=1)) is Verdict.SIGNED
    assert addresses.verify(address, key=KEY, now=end) is Verdict.EXPIRED
    assert addresses.verify(address, key=bytes(32), now=now) is Verdict.FORGED


def test_everybody_gets_the_same_signed_address_within_an_hour() -> None:
    times = [datetime(2026, 11, 22, 15, minute, 1, tzinfo=UTC) for minute in (0, 20, 59)]
    written = {addresses.signed_url(ORIGIN, 7, "k" * 16, "540-aaaaaaaaaaaa.mp4", key=KEY, now=now) for now in times}
    assert len(written) == 1


@given(st.data())
def test_no_other_folder_or_time_passes_with_a_signature(data: st.DataObject) -> None:
    url = addresses.signed_url(ORIGIN, 4242, "abcdefghijklmnop", "540-aaaaaaaaaaaa.mp4", key=KEY, now=NOW)
    path = path_of(url)
    signed = path.rsplit("/", 1)[0]
    at = data.draw(st.integers(len("/m/"), len(signed) - 1))
    to = data.draw(st.sampled_from("0123456789abcXYZ_-./%"))
    changed = path[:at] + to + path[at + 1 :]
    address = addresses.parse(changed)
    if changed != path and address is not None:
        assert addresses.verify(address, key=KEY, now=NOW) is Verdict.FORGED


def test_a_signature_covers_the_whole_folder_so_that_relative_addresses_work() -> None:
    url = addresses.signed_url(ORIGIN, 7, "k" * 16, "master-aaaaaaaaaaaa.m3u8", key=KEY, now=NOW)
    sibling = addresses.parse(path_of(url).rsplit("/", 1)[0] + "/540-bbbbbbbbbbbb.mp4")
    assert sibling is not None
    assert addresses.verify(sibling, key=KEY, now=NOW) is Verdict.SIGNED


def test_a_picture_of_a_person_is_open_to_all() -> None:
    address = addresses.parse("/m/open/avatar-7-aaaaaaaaaaaa.webp")
    assert address is not None
    assert address.key == "open/avatar-7-aaaaaaaaaaaa.webp"
    assert addresses.verify(address, key=KEY, now=NOW) is Verdict.OPEN


@given(st.text(max_size=120) | st.from_regex(r"/m/(open|[0-9]{1,3}-[a-z]{16})/[ -~]{0,40}"))
def test_every_address_stands_for_a_rendition_or_an_open_picture_and_nothing_else(path: str) -> None:
    address = addresses.parse(path)
    if address is not None:
        assert re.fullmatch(r"(assets/[1-9][0-9]*|open)/[A-Za-z0-9-]+-[0-9a-f]{12}\.[a-z0-9]+", address.key)
        assert address.content_type


@pytest.mark.parametrize(
    "path",
    [
        "/m/7-kkkkkkkkkkkkkkkk/../../originals/7",
        "/m/7-kkkkkkkkkkkkkkkk/%2e%2e/540-aaaaaaaaaaaa.mp4",
        "/m/7-kkkkkkkkkkkkkkkk/540-aaaaaaaaaaaa.mp4/",
        "/m/7-kkkkkkkkkkkkkkkk/540-aaaaaaaaaaaa.mp4\0",
        "/m/7-kkkkkkkkkkkkkkkk/540-aaaaaaaaaaaa.mp4\n",
        "/m/7-kkkkkkkkkkkkkkkk/540-aaaaaaaaaaaa.mov",
        "/m/7-kkkkkkkkkkkkkkkk/540-AAAAAAAAAAAA.mp4",
        "/m/7-kkkkkkkkkkkkkkkk/540.mp4",
        "/m/7-kkkkkkkkkkkkkkkk/",
        "/m/07-kkkkkkkkkkkkkkkk/540-aaaaaaaaaaaa.mp4",
        "/m/99999999999999999999-kkkkkkkkkkkkkkkk/540-aaaaaaaaaaaa.mp4",
        "/m/7-kkkkkkkkkkkkkkk/540-aaaaaaaaaaaa.mp4",
        "/m/originals/7",
        "/m/open/../originals/540-aaaaaaaaaaaa.mp4",
        "/m//etc/passwd-aaaaaaaaaaaa.jpg",
        "//m/open/a-aaaaaaaaaaaa.jpg",
        "/M/open/a-aaaaaaaaaaaa.jpg",
        "/m/open/a-aaaaaaaaaaaa.jpg.html",
        "/m/open/a-aaaaaaaaaaaa.svg",
        "",
        "*",
    ],
)
def test_what_is_no_address_of_ours_is_none(path: str) -> None:
    assert addresses.parse(path) is None
