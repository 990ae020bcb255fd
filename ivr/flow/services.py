"""Business look-ups: what may be asked, and what a look-up may answer.

Pure: `ivr.flow.declaring` reads what authors declare of them, `ivr.services.http` asks. ::

    declared.lookups["billing.balance"].arguments    # frozenset({"number"})

A look-up that changes something, or asks with a secret, is a POST: what it `sends` goes in the
body, and no log of addresses ever holds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal
from urllib.parse import quote

from ivr.errors import IvrError, nearest
from ivr.flow.addresses import BRACES, check_argument, check_place, checked_url
from ivr.flow.source import Wrong

Written = Literal["phone", "tail", "time", "duration", "period", "data", "plan"]
"""Kinds that are kept as they are written, and that `ivr.lang` reads when they are said."""
Kind = Literal["money", "number", "date", "text", "digits", "language", Written]
Value = str | Decimal | date
"""money and number are Decimal, date is date, the other kinds are str."""

# The service that takes text messages.
MESSAGES = "messages"


@dataclass(frozen=True)
class Found:
    """The back end knows it; `values` holds everything the look-up `gives`, read as its kind."""

    values: Mapping[str, Value]


@dataclass(frozen=True)
class Missing:
    """The back end answered that there is no such thing."""


@dataclass(frozen=True)
class Failed:
    """No usable answer came. `reason` is for the log and never holds what was asked or told.

    `is_asked` is False where the service is left alone because it fails.
    """

    reason: str
    is_asked: bool = field(default=True, compare=False)


@dataclass(frozen=True)
class Lookup:
    """One thing that can be looked up: where, within which limits, and what comes back.

    `time_limit` is in seconds and holds for all `tries` together. `sends` are the arguments that
    go in the body; with None it is a GET, which has no body.
    """

    service: str
    address: str
    missing: frozenset[int]
    gives: Mapping[str, Kind]
    time_limit: float
    tries: int
    sends: frozenset[str] | None = None

    @property
    def arguments(self) -> frozenset[str]:
        """The names in braces, and those that are sent: each must be given."""
        return self._placed | (self.sends or frozenset())

    @property
    def _placed(self) -> frozenset[str]:
        return frozenset(BRACES.findall(self.address))

    def path(self, arguments: Mapping[str, str]) -> str:
        """Return the path with every argument percent-encoded in its place.

        Raises `Wrong`, which never quotes a value, when an argument is not given, is empty, too
        long or not text, or is one that no encoding keeps in its place (`..`, `../faults`).
        """
        for name in sorted(self._placed):
            check_argument(name, arguments.get(name))
            check_place(name, arguments[name])
        return BRACES.sub(lambda found: quote(arguments[found[1]], safe=""), self.address)

    def body(self, arguments: Mapping[str, str]) -> Mapping[str, str] | None:
        """Return what is sent with it; None for a GET.

        Raises `Wrong`, which never quotes a value, when one is not given, empty or too long.
        """
        if self.sends is None:
            return None
        for name in sorted(self.sends):
            check_argument(name, arguments.get(name))
        return {name: arguments[name] for name in sorted(self.sends)}


@dataclass(frozen=True)
class Post:
    """Where text messages go; `time_limit` is in seconds and holds for all `tries` together."""

    path: str
    time_limit: float
    tries: int


@dataclass(frozen=True)
class Declared:
    """Everything services.yaml declares: look-ups by full name, addresses by service.

    `post` is how the service `messages` takes messages, None where there is no such service.
    """

    lookups: Mapping[str, Lookup]
    urls: Mapping[str, str]
    post: Post | None = None

    def at(self, urls: Mapping[str, str]) -> Declared:
        """Return the same look-ups with some services at another address.

        Raises `IvrError` for a service that is not declared and for an address that is none.
        """
        checked: dict[str, str] = {}
        for service, url in urls.items():
            if service not in self.urls:
                raise IvrError(f"there is no service '{service}'{nearest(service, self.urls)}")
            try:
                checked[service] = checked_url(url)
            except Wrong as fault:
                raise IvrError(f"the address of service '{service}': {fault}") from None
        return Declared(self.lookups, {**self.urls, **checked}, self.post)
