"""Passwords that people choose: kept as argon2 hashes, looked at one at a time, off the loop."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections import OrderedDict

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12  # characters
LONGEST = 200
MOST_WAITING = 8  # passwords that wait for their turn
REMEMBERED = 300.0  # seconds for which a right one is known again without hashing
_MOST_REMEMBERED = 200

# What OWASP's password storage cheat sheet wants at least (19 MiB, 2 passes, 1 lane): some 25 ms of
# one processor, for calls are led on the same machine.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)


class TooMany(Exception):
    """More passwords wait to be looked at than will be."""


def hashed(password: str) -> str:
    """Return the hash of a new password. Raises ValueError for one too short, or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise ValueError(f"a password has {SHORTEST} to {LONGEST} characters")
    return _HASHER.hash(password)


class Passwords:
    """Looks at passwords. Who asks with one at each request is not hashed each time."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0
        self._nobodys = _HASHER.hash(secrets.token_urlsafe())
        self._key = secrets.token_bytes(32)
        self._right: OrderedDict[bytes, float] = OrderedDict()

    async def match(self, hash: str | None, given: str) -> bool:
        """Return whether a password is the one of a hash; of None, for nobody, never.

        It takes as long for nobody. Raises TooMany.
        """
        known = self._digest(hash or self._nobodys, given)
        if hash and self._right.get(known, 0.0) > time.monotonic():
            return True
        if self._waiting >= MOST_WAITING:
            raise TooMany
        self._waiting += 1
        try:
            async with self._turn:
                is_right = await asyncio.to_thread(_verify, hash or self._nobodys, given)
        finally:
            self._waiting -= 1
        if hash is None or not is_right:
            return False
        self._right[known] = time.monotonic() + REMEMBERED
        while len(self._right) > _MOST_REMEMBERED:
            self._right.popitem(last=False)
        return True

    def _digest(self, hash: str, given: str) -> bytes:
        # The hash is in it: with another password what is remembered is forgotten.
        return hashlib.blake2b(f"{hash}\0{given}".encode(), key=self._key).digest()


def _verify(hash: str, given: str) -> bool:
    try:
        return _HASHER.verify(hash, given)
    except (VerificationError, InvalidHashError):
        return False
