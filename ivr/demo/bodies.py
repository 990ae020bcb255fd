"""What may be sent to the demo back end, and how what may not is refused."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, NoReturn, TypeVar

from aiohttp import web
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
)

from ivr.flow.fields import Seconds
from ivr.flow.source import Wrong

LARGEST_BODY = 64 * 1024
LONGEST_DELAY = 60  # seconds


def _figures(given: object) -> object:
    if isinstance(given, bool) or not isinstance(given, str | int | Decimal):
        raise Wrong('an amount such as "12.50" is expected')
    return given


def _day(given: object) -> object:
    if not isinstance(given, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", given):
        raise Wrong("a date such as 2026-12-31 is expected")
    return given


def _with_unit(given: object) -> object:
    if not isinstance(given, str):
        raise Wrong('a time with its unit is expected, such as "3s"')
    return given


def _bounded(delay: float) -> float:
    if delay > LONGEST_DELAY:
        raise Wrong(f"a delay is {LONGEST_DELAY}s at most")
    return delay


Words = Annotated[str, Field(strict=True, min_length=1, max_length=100, pattern=r"^\P{C}+$")]
"""A text of 1 to 100 characters without control characters."""

Amount = Annotated[
    Decimal, BeforeValidator(_figures), Field(gt=-(10**10), lt=10**10, decimal_places=2)
]
"""Money with two decimals at most: a text of figures, or a JSON number read exactly."""


class Change(BaseModel):
    """A PUT to a customer: the fields to change. `number` may be repeated from the path."""

    model_config = ConfigDict(extra="forbid")

    number: Annotated[str, Field(strict=True)] | None = None
    balance: Amount = Decimal(0)
    expires: Annotated[date, BeforeValidator(_day)] = date.min
    name: Words = ""
    language: Literal["cmn", "yue", "en"] = "cmn"
    plan: Words = ""


class Faults(BaseModel):
    """A PUT to the faults: what is wrong with the back end from now on."""

    model_config = ConfigDict(extra="forbid")

    delay: Annotated[Seconds, AfterValidator(_bounded), BeforeValidator(_with_unit)] = 0.0
    status: Annotated[StrictInt, Field(ge=400, le=599)] | None = None
    garble: StrictBool = False


Body = TypeVar("Body", bound=BaseModel)


async def read(request: web.Request, model: type[Body]) -> Body:
    """Return the request's JSON body as `model`; money in it never becomes a float.

    Raises `web.HTTPException` (400, 413, 422) whose text says what is wrong, field by field.
    """
    try:
        given = json.loads(
            (await request.read()).decode(), parse_float=Decimal, parse_constant=_no_constant
        )
    # Decimal refuses an exponent of twenty digits with an ArithmeticError.
    except (ValueError, ArithmeticError, RecursionError):
        raise web.HTTPBadRequest(text="the body is not JSON") from None
    if not isinstance(given, dict):
        raise web.HTTPBadRequest(text="the body is not a JSON object")
    try:
        return model.model_validate(given)
    except ValidationError as fault:
        reasons = [
            f"{str(error['loc'][0])[:50]}: {error.get('ctx', {}).get('error', error['msg'])}"
            for error in fault.errors()
        ]
        refuse("; ".join(reasons[:20]))


def refuse(reason: str) -> NoReturn:
    """Raise 422 with this reason."""
    raise web.HTTPUnprocessableEntity(text=reason)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
