"""Business look-ups as authors declare them in services.yaml, and what a look-up may answer.

Pure: this says what may be asked and how an answer is read; `ivr.services.http` asks it. ::

    declared, problems = declare("flows/services.yaml", text)
    declared.lookups["billing.balance"].arguments    # frozenset({"number"})

A look-up that changes something, or asks with a secret, is a POST: what it `sends` goes in the
body, and no log of addresses ever holds it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ivr.errors import IvrError, Problem, Where, nearest
from ivr.flow import source
from ivr.flow.fields import Seconds, Word
from ivr.flow.source import Wrong

Written = Literal["phone", "tail", "time", "duration", "period", "data", "plan"]
"""Kinds that are kept as they are written, and that `ivr.lang` reads when they are said."""
Kind = Literal["money", "number", "date", "text", "digits", "language", Written]
Value = str | Decimal | date
"""money and number are Decimal, date is date, the other kinds are str."""

LONGEST_ARGUMENT = 500
# The service that takes text messages.
MESSAGES = "messages"

_NAME = r"[^\W\d]\w{0,63}"
_BRACES = re.compile(rf"\{{({_NAME})\}}")
# RFC 3986 `pchar`, `/`, and one query; `#` would end what is sent.
_PATH = re.compile(r"/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?%])*")
_HOST = re.compile(r"(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}|[0-9a-f.]*:[0-9a-f:.]*")
# Encoding cannot hide a dot segment: `..` has no encoded form (RFC 3986 §2.3), and proxies that
# decode %2F before they resolve dots turn `..%2Fx` into another path. Such values are not sent.
_DOTS = re.compile(r"(?:^|[/\\])\.\.?(?:[/\\]|$)")


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
        return frozenset(_BRACES.findall(self.address))

    def path(self, arguments: Mapping[str, str]) -> str:
        """Return the path with every argument percent-encoded in its place.

        Raises `Wrong`, which never quotes a value, when an argument is not given, is empty, too
        long or not text, or is one that no encoding keeps in its place (`..`, `../faults`).
        """
        for name in sorted(self._placed):
            _check_argument(name, arguments.get(name))
            _check_place(name, arguments[name])
        return _BRACES.sub(lambda found: quote(arguments[found[1]], safe=""), self.address)

    def body(self, arguments: Mapping[str, str]) -> Mapping[str, str] | None:
        """Return what is sent with it; None for a GET.

        Raises `Wrong`, which never quotes a value, when one is not given, empty or too long.
        """
        if self.sends is None:
            return None
        for name in sorted(self.sends):
            _check_argument(name, arguments.get(name))
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
                checked[service] = _checked_url(url)
            except Wrong as fault:
                raise IvrError(f"the address of service '{service}': {fault}") from None
        return Declared(self.lookups, {**self.urls, **checked}, self.post)


def declare(file: str, text: str) -> tuple[Declared | None, list[Problem]]:
    """Read services.yaml; return what it declares (None if anything is wrong) and every problem.

    An empty file, or one of comments only, declares nothing and is right.
    """
    tree, problems = source.read(file, text)
    if tree is None:
        return (None if problems else Declared({}, {})), problems
    if not isinstance(tree, source.Mapping):
        message = "services with their settings (`name: …`) are expected here"
        return None, [*problems, Problem(tree.where, message, "wrong-value")]
    services: dict[str, _BackEnd] = {}
    for name, (key, value) in tree.entries.items():
        problems += _name_problems(name, key.where)
        model = _Messages if name == MESSAGES else _Service
        service, found = source.fit(value, model, f"service '{name}'")
        problems += found
        if service:
            services[name] = service
    return (None if problems else _declared(services)), problems


def _declared(services: Mapping[str, _BackEnd]) -> Declared:
    lookups = {
        f"{name}.{key}": Lookup(
            service=name,
            address=lookup.get or lookup.post or "",
            missing=frozenset(lookup.missing),
            gives={str(field): kind for field, kind in lookup.gives.items()},
            time_limit=service.time_limit,
            tries=service.tries,
            sends=frozenset(lookup.sends) if lookup.post else None,
        )
        for name, service in services.items()
        if isinstance(service, _Service)
        for key, lookup in service.lookups.items()
    }
    urls, taker = {name: service.url for name, service in services.items()}, services.get(MESSAGES)
    if not isinstance(taker, _Messages):
        return Declared(lookups, urls)
    return Declared(lookups, urls, Post(taker.post, taker.time_limit, taker.tries))


def _name_problems(name: str, where: Where) -> list[Problem]:
    try:
        PartName.check(name)
    except Wrong as fault:
        return [Problem(where, str(fault), fault.rule)]
    return []


def _checked_path(path: str) -> str:
    fixed = _BRACES.sub("x", path)
    if not path.startswith("/"):
        raise Wrong(f"a path begins with /; did you mean '/{path}'?")
    if "{" in fixed or "}" in fixed:
        raise Wrong("braces hold the name of an argument, such as {number}")
    if not _PATH.fullmatch(fixed):
        raise Wrong("a path holds letters, digits and -._~!$&'()*+,;=:@/?%; encode others as %…")
    if _DOTS.search(fixed):
        raise Wrong("a path cannot hold . or .. between slashes")
    return path


def _checked_place(path: str) -> str:
    if _BRACES.search(path):
        raise Wrong("messages go to one place: a path without braces")
    return _checked_path(path)


def _checked_url(url: str) -> str:
    example = "an address such as http://127.0.0.1:8081 is expected here"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Wrong(example) from None
    # urlsplit drops line breaks and tabs without a word.
    if not url.isprintable() or parts.scheme not in ("http", "https"):
        raise Wrong(example)
    if not _HOST.fullmatch(parts.hostname or ""):
        raise Wrong(example)
    if parts.username is not None or parts.password is not None:
        raise Wrong("an address here holds no user and no password")
    if port == 0 or parts.query or parts.fragment or not _PATH.fullmatch(parts.path or "/"):
        raise Wrong(f"{example}, with a path at most")
    return url.rstrip("/")


def _checked_time_limit(limit: float) -> float:
    if not 0 < limit <= 60:
        raise Wrong("a time limit is more than 0s and at most 60s: a caller is waiting")
    return limit


def _check_argument(name: str, value: str | None) -> None:
    if value is None:
        raise Wrong(f"the argument '{name}' is not given")
    if not 0 < len(value) <= LONGEST_ARGUMENT:
        raise Wrong(f"the argument '{name}' has {len(value)} characters, not 1 to 500")


def _check_place(name: str, value: str) -> None:
    if _DOTS.search(value) or any("\ud800" <= char <= "\udfff" for char in value):
        raise Wrong(f"the argument '{name}' cannot stand in a path")


class PartName(Word):
    """The name of a service, a look-up, or a value it gives: one part of a dotted name."""

    @classmethod
    def check(cls, text: str) -> None:
        if not re.fullmatch(_NAME, text):
            rule = "letters, digits and _, beginning with a letter"
            raise Wrong(f"'{text[:70]}' cannot be a name here: {rule}", "bad-name")


class _Lookup(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    get: Annotated[str, AfterValidator(_checked_path)] | None = None
    post: Annotated[str, AfterValidator(_checked_path)] | None = None
    sends: tuple[PartName, ...] = ()
    missing: tuple[Annotated[int, Field(ge=400, le=499)], ...] = (404,)
    gives: dict[PartName, Kind]

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.get is None) == (self.post is None):
            raise Wrong("a look-up needs either 'get' or 'post'", "missing-key")
        if self.sends and self.post is None:
            raise Wrong("a get sends nothing; did you mean 'post' in its place?")
        return self


class _BackEnd(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, AfterValidator(_checked_url)]
    time_limit: Annotated[Seconds, AfterValidator(_checked_time_limit)] = 8.0
    tries: int = Field(2, ge=1, le=5)


class _Service(_BackEnd):
    lookups: dict[PartName, _Lookup] = Field(min_length=1)


class _Messages(_BackEnd):
    post: Annotated[str, AfterValidator(_checked_place)]
