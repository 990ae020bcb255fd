"""Names and passwords: the generated ones of agents and the operator, and those of accounts."""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from aiohttp import web

from ivr.store.accounts import Account
from ivr.store.audit import Entry
from ivr.web.basic import OPERATOR
from ivr.web.guesses import Guesses
from ivr.web.passwords import Passwords, TooMany
from ivr.web.paths import Role

_log = logging.getLogger(__name__)


class AccountBook(Protocol):
    """Where accounts are kept; may raise StoreError."""

    async def find(self, name: str) -> Account | None: ...


@dataclass(frozen=True)
class Known:
    """Somebody there is. `proof` is another one after each change of her password."""

    name: str
    role: Role
    proof: str


class Credentials:
    """Knows users by their passwords; `generated` are by user, asked for at each request.

    `supervisors` are the numbers of the agents who may act for others; `audit` writes an entry.
    A generated password is 144 bits of chance: a right one is let in whatever was guessed before,
    so that nobody keeps an agent out, and it is compared as it is, for it is kept as it is: the
    switch needs it so.
    """

    def __init__(
        self,
        generated: Callable[[], Mapping[str, str]],
        supervisors: Callable[[], Collection[str]] = tuple,
        accounts: AccountBook | None = None,
        audit: Callable[[Entry], Awaitable[int]] | None = None,
    ) -> None:
        self._generated = generated
        self._supervisors = supervisors
        self._accounts = accounts
        self._audit = audit
        self._passwords = Passwords()
        self._guesses = Guesses()

    async def known(self, name: str) -> Known | None:
        """Return whom a name belongs to now. Raises StoreError."""
        if is_generated(name):
            password = self._generated().get(name)
            return self._generated_one(name, password) if password else None
        account = await self._account(name)
        return _of_account(account) if account else None

    async def admitted(self, name: str, given: str, address: str) -> Known:
        """Return who has this name and password.

        Raises HTTPUnauthorized, HTTPTooManyRequests after too many wrong ones, StoreError.
        """
        wait = self._guesses.wait(name, address, time.monotonic())
        if is_generated(name):
            password = self._generated().get(name, "")
            if _is_same(password, given) and password:
                self._guesses.right(name, address)
                return self._generated_one(name, password)
            if wait:
                raise slower(wait, "too many wrong passwords")
            await self._wrong(name, bool(password), address)
        if wait:
            raise slower(wait, "too many wrong passwords")
        account = await self._account(name)
        try:
            is_right = await self._passwords.match(account.hash if account else None, given)
        except TooMany:
            raise slower(1, "too many log in at this moment") from None
        if account is None or not is_right:
            await self._wrong(name, account is not None, address)
        assert account is not None
        self._guesses.right(name, address)
        return _of_account(account)

    def _generated_one(self, name: str, password: str) -> Known:
        is_supervisor = name in self._supervisors()
        role = Role.SUPERVISOR if is_supervisor else Role.AGENT
        return Known(name, Role.OPERATOR if name == OPERATOR else role, _proof(password))

    async def _account(self, name: str) -> Account | None:
        return await self._accounts.find(name) if self._accounts else None

    async def _wrong(self, name: str, is_known: bool, address: str) -> None:
        # What is no name of ours may be a password that was typed into the wrong field.
        who = name if is_known else "somebody"
        _log.warning("= a wrong password for %s from %s", who, address)
        if self._guesses.wrong(name, address, time.monotonic()) and self._audit:
            why = "too many wrong passwords"
            entry = Entry(datetime.now(UTC), who, "log in", address, "refused", why=why)
            await self._audit(entry)
        raise web.HTTPUnauthorized(reason="there is no such user with this password")


def is_generated(name: str) -> bool:
    """Whether a name is one of those whose passwords are generated: a number, or the operator's."""
    return name == OPERATOR or (name.isascii() and name.isdigit())


def slower(seconds: float, why: str) -> web.HTTPTooManyRequests:
    """Return the refusal of one who asks too fast."""
    later = max(1, math.ceil(seconds))
    reason = f"{why}; ask again in {later} s"
    return web.HTTPTooManyRequests(reason=reason, headers={"Retry-After": str(later)})


def _of_account(account: Account) -> Known:
    return Known(account.name, Role(account.role), _proof(account.hash))


def _proof(secret: str) -> str:
    return hashlib.sha256(f"proof\0{secret}".encode()).hexdigest()


def _is_same(one: str, other: str) -> bool:
    # Of digests, which are of one length: the time of comparing tells nothing of the password.
    return hmac.compare_digest(_proof(one), _proof(other))
