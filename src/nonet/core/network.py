"""What this machine is called on its own network. Nothing is sent to find out."""

import contextlib
import ipaddress
import socket


def is_loopback(host: str) -> bool:
    """Tell whether listening on a host lets this machine alone in."""
    if host == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def own_address() -> str:
    """Return the address others on the network reach this machine at; the loopback address when there is no network."""
    return next((address for address in addresses() if not is_loopback(address)), "127.0.0.1")


def addresses() -> list[str]:
    """Return this machine's addresses, the one that reaches the outside first, loopback last."""
    found = [*_outward(socket.AF_INET, "192.0.2.1"), *_outward(socket.AF_INET6, "2001:db8::1")]
    with contextlib.suppress(OSError):
        found += [str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_DGRAM)]
    usable = [address for address in found if "%" not in address and not is_loopback(address)]
    return [*dict.fromkeys(usable), "127.0.0.1", "::1"]


def _outward(family: socket.AddressFamily, documentation: str) -> list[str]:
    """Ask the kernel which address it would send from; connecting a datagram socket sends nothing."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((documentation, 9))
            return [str(probe.getsockname()[0])]
    except OSError:
        return []


def names() -> list[str]:
    """Return everything this machine may be called by others on its network, and by itself."""
    return ["localhost", name(), f"{name()}.local", *addresses()]


def name() -> str:
    """Return this machine's name in lower case, without its domain."""
    return socket.gethostname().split(".")[0].lower()
