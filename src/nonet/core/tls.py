"""A certificate authority of this machine's own, so that a phone on the same network can use https.

Made on first use in DATA/keys (mode 0600). A phone that trusts it must not have to trust it with the rest of the web:
its certificate is constrained (RFC 5280, 4.2.1.10) to private addresses and to names that only mean something here.
"""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from nonet.core import clock, durable, network

AUTHORITY = timedelta(days=3650)
LEAF = timedelta(days=397)
RENEWED_BEFORE = timedelta(days=60)
NAMES = ("localhost", "local", "lan", "home.arpa")
NETWORKS = (
    *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"),
    *("192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
    *("::1/128", "fc00::/7", "fe80::/10", "2001:db8::/32"),
)
"""What the internet never routes (IANA's special-purpose registries): this machine, private, link, test networks."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_ALLOWED: tuple[Network, ...] = tuple(ipaddress.ip_network(each) for each in NETWORKS)


def may_name(host: str) -> bool:
    """Tell whether the authority may vouch for a host: a private address, or a name of this machine or network."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == network.name() or any(host == name or host.endswith("." + name) for name in NAMES)
    return any(address in allowed for allowed in _ALLOWED)


def ensure(keys: Path, hosts: list[str]) -> tuple[Path, Path]:
    """Return the files of a valid certificate chain and its key for those of ``hosts`` that we may vouch for.

    Makes the authority when there is none, and the certificate anew when hosts changed or its end is near.
    """
    authority, authority_key = open_authority(keys)
    chain, key = keys / "tls.crt", keys / "tls.key"
    names = [_general(host) for host in dict.fromkeys(hosts) if may_name(host)]
    if not (_belong(chain, key) and _still_good(chain.read_bytes(), names, authority)):
        fresh = ec.generate_private_key(ec.SECP256R1())
        certified = vouch(names, fresh, authority, authority_key)
        durable.replace(key, _private(fresh))
        durable.replace(chain, _public(certified) + _public(authority))
    return chain, key


def certificate(keys: Path) -> bytes | None:
    """Return the authority's certificate as phones install it (DER); None when this server has no authority."""
    try:
        text = (keys / "ca.crt").read_bytes()
    except FileNotFoundError:
        return None
    return x509.load_pem_x509_certificate(text).public_bytes(serialization.Encoding.DER)


def fingerprint(keys: Path) -> str:
    """Return the SHA-256 of the authority's certificate as a phone shows it; empty when there is none."""
    der = certificate(keys)
    return x509.load_der_x509_certificate(der).fingerprint(hashes.SHA256()).hex(":").upper() if der else ""


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _belong(certificate_file: Path, key_file: Path) -> bool:
    """Tell whether a certificate and a key are there and are a pair; a kill between two writes leaves none."""
    if not (certificate_file.exists() and key_file.exists()):
        return False
    public = x509.load_pem_x509_certificates(certificate_file.read_bytes())[0].public_key()
    return public == serialization.load_pem_private_key(key_file.read_bytes(), None).public_key()


def _still_good(chain: bytes, names: list[x509.GeneralName], authority: x509.Certificate) -> bool:
    leaf = x509.load_pem_x509_certificates(chain)[0]
    vouched = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    try:
        leaf.verify_directly_issued_by(authority)
    except Exception:  # noqa: BLE001 - several kinds, and each means: make a new one
        return False
    return set(vouched) == set(names) and leaf.not_valid_after_utc - clock.now() > RENEWED_BEFORE


def open_authority(keys: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Return the authority, made on first use and again a year before its end."""
    certificate_file, key_file = keys / "ca.crt", keys / "ca.key"
    if _belong(certificate_file, key_file):
        old = serialization.load_pem_private_key(key_file.read_bytes(), None)
        known = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        if isinstance(old, ec.EllipticCurvePrivateKey) and known.not_valid_after_utc - clock.now() > LEAF:
            return known, old
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Nonet on {network.name()}")])
    public = key.public_key()
    made = (
        _dated(x509.CertificateBuilder(), AUTHORITY)
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(public)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(_constraints(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
    durable.replace(key_file, _private(key))
    durable.replace(certificate_file, _public(made))
    return made, key


def _constraints() -> x509.NameConstraints:
    names = [x509.DNSName(name) for name in (*NAMES, network.name())]
    return x509.NameConstraints([*names, *(x509.IPAddress(allowed) for allowed in _ALLOWED)], None)


def vouch(
    names: list[x509.GeneralName],
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    """Return the authority's certificate that a key belongs to the server of these names."""
    public = key.public_key()
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return (
        _dated(x509.CertificateBuilder(), LEAF)
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Nonet")]))
        .issuer_name(authority.subject)
        .public_key(public)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(issuer, critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _dated(builder: x509.CertificateBuilder, lasting: timedelta) -> x509.CertificateBuilder:
    """Begin a day ago, because a phone's clock may be behind."""
    now: datetime = clock.now().astimezone(UTC)
    begins = now - timedelta(days=1)
    return builder.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(now + lasting)


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _private(key: ec.EllipticCurvePrivateKey) -> str:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


def _public(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
