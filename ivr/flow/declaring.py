"""services.yaml as its author writes it: what it declares, or every problem in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ivr.errors import Problem, Where
from ivr.flow import source
from ivr.flow.addresses import NAME, checked_path, checked_plain_path, checked_url
from ivr.flow.fields import Seconds, Word
from ivr.flow.fitting import fit
from ivr.flow.services import MESSAGES, Declared, Kind, Lookup, Post
from ivr.flow.source import Wrong


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
        service, found = fit(value, model, f"service '{name}'")
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


def _checked_time_limit(limit: float) -> float:
    if not 0 < limit <= 60:
        raise Wrong("a time limit is more than 0s and at most 60s: a caller is waiting")
    return limit


class PartName(Word):
    """The name of a service, a look-up, or a value it gives: one part of a dotted name."""

    @classmethod
    def check(cls, text: str) -> None:
        if not re.fullmatch(NAME, text):
            rule = "letters, digits and _, beginning with a letter"
            raise Wrong(f"'{text[:70]}' cannot be a name here: {rule}", "bad-name")


class _Lookup(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    get: Annotated[str, AfterValidator(checked_path)] | None = None
    post: Annotated[str, AfterValidator(checked_path)] | None = None
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

    url: Annotated[str, AfterValidator(checked_url)]
    time_limit: Annotated[Seconds, AfterValidator(_checked_time_limit)] = 8.0
    tries: int = Field(2, ge=1, le=5)


class _Service(_BackEnd):
    lookups: dict[PartName, _Lookup] = Field(min_length=1)


class _Messages(_BackEnd):
    post: Annotated[str, AfterValidator(checked_plain_path)]
