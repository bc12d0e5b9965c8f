"""Passwords: which are taken, and argon2id away from the event loop, a bounded number at once.

Nobody calls this with a transaction open: a hash takes a tenth of a second of a core and 64 MiB.
"""

import os
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import anyio
import argon2

from nonet.core import errors

COST = argon2.Parameters(
    type=argon2.Type.ID,
    version=19,
    salt_len=16,
    hash_len=32,
    time_cost=3,
    memory_cost=64 * 1024,
    parallelism=1,
)
"""Three passes over 64 MiB (``memory_cost`` is KiB), the second choice of RFC 9106 on one lane."""

SHORTEST_LETTERS, LONGEST_BYTES = 10, 1024
AT_ONCE, WAITING_MOST = max(1, (os.cpu_count() or 1) // 2), 64
"""Half of the cores at most: a flood of sign-ins must leave room for everything else."""

T = TypeVar("T")
_room = anyio.CapacityLimiter(AT_ONCE)

_FIRST_GUESSES = """
0123456789 01234567890 1111111111 1122334455 11223344556677 1212121212 12345678900 1234567890 12345678910
123456789a 123456789q 1234567891 123456789123 1234512345 1231231231 123123123123 1234554321 123qweasdzxc
147258369 1472583690 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc 2222222222 987654321 9876543210
0987654321 9999999999 abc123456789 abcd1234567 abcde12345 abcdef12345 abcdefghij abcdefghijk administrator
asdfghjkl1 asdfghjkl123 asdfasdfasdf basketball basketball1 changeme123 charlie123 chocolate1 computer123
contrasena correcthorsebatterystaple dragon1234 facebook123 football12 football123 football1234 hello12345
helloworld hellohello iloveyou12 iloveyou123 iloveyou1234 internet123 jesuschrist letmein123 letmein1234
liverpool1 liverpool123 loveyou123 manchester michael123 minecraft1 minecraft123 monkey1234 motdepasse
motdepasse1 nonetnonet nonet12345 p@ssw0rd123 p@ssword123 pa55word12 pass123456 pass1234567 passpasspass
passw0rd12 passw0rd123 passw0rd1234 passwort123 passwort1234 password01 password10 password11 password12
password123 password123! password1234 password12345 password123456 password21 password99 passwordpassword
pokemon1234 princess12 princess123 q1w2e3r4t5 q1w2e3r4t5y6 qazwsxedc1 qazwsxedc123 qazwsxedcrfv qwe123456789
qwer1234567 qwer12345678 qwerqwerqwer qwerty1234 qwerty12345 qwerty123456 qwerty1234567 qwertyqwerty qwertyuiop
qwertyuiop1 qwertyuiop123 qwertyuiop[] qwertz1234 qwertzuiop rockyou123 samsung123 secret1234 shadow1234
starwars123 summer2024 summer2025 summer2026 sunshine12 sunshine123 superman12 superman123 test123456
test1234567 testtest123 testtesttest thisisapassword trustno1trustno1 unknown123 welcome123 welcome1234
whatever123 winter2024 winter2025 winter2026 zaq12wsxcde3 zxcvbnm123 zxcvbnm1234 zxcvbnmasd
"""
_COMMON = frozenset(_FIRST_GUESSES.split())


class PasswordWeak(errors.Refusal):
    """Too short, too long, too common, or the name itself."""

    code = "password_weak"
    sentence = "{why}"


class TooBusy(errors.Refusal):
    """More people are signing in than the server can check at once."""

    status = 503
    code = "too_busy"
    sentence = "Too many people are signing in at this moment. Nothing was changed. Try again in a few seconds."


def check(password: str, *known: str) -> None:
    """Refuse a password that is guessed first; ``known`` are texts it must not be, such as handle and e-mail."""
    if len(password) < SHORTEST_LETTERS:
        raise PasswordWeak(why=f"A password has at least {SHORTEST_LETTERS} letters, digits or signs.")
    if len(_bytes(password)) > LONGEST_BYTES:
        raise PasswordWeak(why=f"A password has at most {LONGEST_BYTES} bytes.")
    folded = password.strip().casefold()
    if folded in _COMMON or len(set(folded)) <= 2:  # noqa: PLR2004 - one or two letters over and over
        raise PasswordWeak(why="This password is one of the first that others try. Choose another.")
    if folded in {text.casefold() for each in known for text in (each, each.partition("@")[0])}:
        raise PasswordWeak(why="A password can't be your handle or e-mail address. Choose another.")


async def hash(password: str) -> str:  # noqa: A001 - its name everywhere
    """Return the argon2id hash to keep, made in a thread."""
    return await _in_thread(partial(_hasher().hash, _bytes(password)))


async def verify(kept: str | None, password: str) -> bool:
    """Tell whether a password is the kept one; without a kept one it takes as long and is false."""
    if len(password) > LONGEST_BYTES or len(_bytes(password)) > LONGEST_BYTES:
        password, kept = "", None
    against = kept or _nobodys()
    return await _in_thread(partial(_matches, against, _bytes(password))) and kept is not None


def outdated(kept: str) -> bool:
    """Tell whether a hash was made at another cost than today's."""
    return _hasher().check_needs_rehash(kept)


def _hasher() -> argon2.PasswordHasher:
    return argon2.PasswordHasher.from_parameters(COST)


def _bytes(password: str) -> bytes:
    """Return the one spelling of a password: keyboards differ in how they compose an accented letter."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _matches(kept: str, password: bytes) -> bool:
    try:
        return _hasher().verify(kept, password)
    except argon2.exceptions.VerificationError:
        return False


def _nobodys() -> str:
    """Return a hash at today's cost that no password has."""
    return f"$argon2id$v=19$m={COST.memory_cost},t={COST.time_cost},p={COST.parallelism}${'A' * 22}${'A' * 43}"


async def _in_thread(work: Callable[[], T]) -> T:
    if _room.statistics().tasks_waiting >= WAITING_MOST:
        raise TooBusy(headers={"Retry-After": "5"})
    return await anyio.to_thread.run_sync(work, limiter=_room)
