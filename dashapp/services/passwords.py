"""Passwords: Argon2id, at most two at once, and the few rules that help people choose a good one.

Cost: 19 MiB and two passes each (OWASP Password Storage Cheat Sheet). Unknown people are verified against a dummy
hash, so that the answer takes as long as for known ones.

Two threads do all hashing of a process. A semaphore would hold the work to two as well, but not the memory: C
allocators keep what a thread gave back for that thread, and each of many request threads would sit on 19 MiB for good.
"""
from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from dashapp.core.errors import AppError, Invalid

MIN_LENGTH = 12
MAX_BYTES = 1024
AT_ONCE = 2
_hashing = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="hashing")
_hasher = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)
# The longest entries of public lists of leaked passwords; shorter ones fail on length.
_LEAKED = frozenset(("123456789012", "1234567890123", "qwertyuiopas", "qwertyuiop123", "password1234", "password12345",
                     "passwordpassword", "administrator", "administrator1", "letmeinletmein", "iloveyou1234",
                     "changeme1234", "welcome12345", "qwerty123456", "1q2w3e4r5t6y", "abcdefghijkl", "abcd12345678",
                     "trustno1trustno1", "football1234", "baseball1234", "111111111111", "000000000000",
                     "unbelievable", "basketball12", "correcthorsebatterystaple"))


class PasswordTooLong(AppError):
    """More bytes than any person types; refused before any work is done."""


def hash_password(password: str) -> str:
    """The Argon2id hash as a text with its parameters."""
    return _hashing.submit(_hasher.hash, _bytes(password)).result()


def is_password(known: str | None, password: str) -> bool:
    """Does the password fit the hash? None stands for a person who does not exist: same time, never right."""
    given = _bytes(password)
    try:
        return _hashing.submit(_verify, known, given).result() and known is not None
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False


def _verify(known: str | None, given: bytes) -> bool:
    return _hasher.verify(known or _dummy(), given)


def is_outdated(known: str) -> bool:
    """Was the hash made with weaker parameters than today's?"""
    return _hasher.check_needs_rehash(known)


def check_new(password: str, email: str) -> None:
    """Raise Invalid with the sentence that helps unless the password may be used."""
    _bytes(password)
    lowered = password.casefold()
    if len(password) < MIN_LENGTH:
        raise Invalid(f"A password has at least {MIN_LENGTH} characters. Several words in a row work well.")
    if lowered in _LEAKED or len(set(lowered)) < 4:
        raise Invalid("This password is on the lists of leaked passwords. Choose another one.")
    named = (email.casefold(), email.partition("@")[0].casefold() * 2, "ledgerline")
    if lowered.strip("0123456789") in named:
        raise Invalid("A password must not be made of your address or the product's name.")


def one_time_password() -> str:
    """Twenty characters that are easy to read aloud, about 98 bits: `k7mq-x3hd-...`."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    text = "".join(secrets.choice(alphabet) for _ in range(20))
    return "-".join(text[i:i + 4] for i in range(0, 20, 4))


def _bytes(password: str) -> bytes:
    data = password.encode("utf-8", "surrogatepass")
    if len(data) > MAX_BYTES:
        raise PasswordTooLong(f"A password has at most {MAX_BYTES} bytes.")
    return data


@cache
def _dummy() -> str:
    return _hasher.hash(secrets.token_bytes(32))
