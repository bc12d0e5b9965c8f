import ipaddress
import ssl
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from nonet.core import network, tls


@pytest.fixture(autouse=True)
def _frozen(frozen_clock: ModuleType) -> Iterator[ModuleType]:
    return frozen_clock


def _verify(keys: Path, name: x509.DNSName | x509.IPAddress, chain: Path, clock: ModuleType) -> None:
    """Judge a chain as a browser that trusts our authority does."""
    store = Store(x509.load_pem_x509_certificates((keys / "ca.crt").read_bytes()))
    leaf, *between = x509.load_pem_x509_certificates(chain.read_bytes())
    PolicyBuilder().store(store).time(clock.now()).build_server_verifier(name).verify(leaf, between)


def test_the_certificate_is_good_for_this_machine_by_the_names_it_is_given(
    tmp_path: Path, frozen_clock: ModuleType
) -> None:
    chain, key = tls.ensure(tmp_path, ["localhost", f"{network.name()}.local", "192.168.1.20", "videos.example"])
    _verify(tmp_path, x509.DNSName("localhost"), chain, frozen_clock)
    _verify(tmp_path, x509.IPAddress(ipaddress.ip_address("192.168.1.20")), chain, frozen_clock)
    _verify(tmp_path, x509.DNSName(f"{network.name()}.local"), chain, frozen_clock)
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(chain, key)
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_who_trusts_the_authority_does_not_trust_it_with_the_rest_of_the_web(
    tmp_path: Path, frozen_clock: ModuleType
) -> None:
    tls.ensure(tmp_path, ["localhost"])
    authority, key = tls.open_authority(tmp_path)
    bank = x509.DNSName("bank.example")
    forged = tmp_path / "forged.crt"
    forged.write_bytes(tls.vouch([bank], key, authority, key).public_bytes(serialization.Encoding.PEM))
    with pytest.raises(VerificationError):
        _verify(tmp_path, bank, forged, frozen_clock)


def test_a_certificate_stays_until_its_end_is_near_or_an_address_is_new(
    tmp_path: Path, frozen_clock: ModuleType
) -> None:
    chain, _ = tls.ensure(tmp_path, ["localhost", "192.168.1.20"])
    authority, first = (tmp_path / "ca.crt").read_bytes(), chain.read_bytes()
    tls.ensure(tmp_path, ["localhost", "192.168.1.20"])
    assert chain.read_bytes() == first
    tls.ensure(tmp_path, ["localhost", "192.168.1.21"])
    moved = chain.read_bytes()
    assert moved != first
    frozen_clock.advance(timedelta(days=340))
    tls.ensure(tmp_path, ["localhost", "192.168.1.21"])
    assert chain.read_bytes() != moved
    assert (tmp_path / "ca.crt").read_bytes() == authority


def test_half_a_pair_left_by_a_kill_is_made_anew(tmp_path: Path, frozen_clock: ModuleType) -> None:
    chain, key = tls.ensure(tmp_path, ["localhost"])
    key.write_bytes((tmp_path / "ca.key").read_bytes())
    (tmp_path / "ca.key").unlink()
    tls.ensure(tmp_path, ["localhost"])
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(chain, key)
    _verify(tmp_path, x509.DNSName("localhost"), chain, frozen_clock)


@pytest.mark.parametrize(
    ("host", "may"),
    [
        ("localhost", True),
        ("10.1.2.3", True),
        ("fd00::1", True),
        ("tv.lan", True),
        ("videos.example", False),
        ("8.8.8.8", False),
        ("notlocalhost", False),
    ],
)
def test_only_private_addresses_and_names_may_be_vouched_for(host: str, may: bool) -> None:
    assert tls.may_name(host) is may


def test_a_server_without_an_authority_has_no_certificate_to_give(tmp_path: Path) -> None:
    assert tls.certificate(tmp_path) is None
    assert tls.fingerprint(tmp_path) == ""
    tls.ensure(tmp_path, ["localhost"])
    der = tls.certificate(tmp_path)
    assert der is not None
    assert x509.load_der_x509_certificate(der).extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert len(tls.fingerprint(tmp_path)) == 32 * 3 - 1
