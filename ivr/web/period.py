"""The period that a question is about, and the figures of one as they are answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from typing import Any

from aiohttp import web

from ivr.past.figures import Figure
from ivr.web.api import quoted

LONGEST = timedelta(days=31)


def midnight(now: datetime) -> datetime:
    """Return when this machine's today began."""
    return datetime.combine(now.astimezone().date(), time.min).astimezone(UTC)


def period(
    request: web.Request, known: Collection[str], now: datetime
) -> tuple[datetime, datetime]:
    """Return the period that `from` and `to` say; today unless they do, in this machine's zone.

    Raises ValueError for what cannot be read, and for any parameter that is not `known`.
    """
    for name in request.query:
        if name not in known:
            raise ValueError(
                f"there is no parameter {quoted(name)}; there are {', '.join(sorted(known))}"
            )
    begin = _moment(request, "from", midnight(now))
    end = _moment(request, "to", max(begin, now))
    if not timedelta(0) <= end - begin <= LONGEST:
        raise ValueError(f"from 'from' until 'to' may be up to {LONGEST.days} days")
    return begin, end


def _moment(request: web.Request, name: str, otherwise: datetime) -> datetime:
    """Return a moment, or a day's midnight by this machine's clock."""
    if name not in request.query:
        return otherwise
    text = request.query[name]
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        moment = datetime.min.replace(tzinfo=UTC)
    if not 1970 <= moment.year < 2900:
        example = "2026-11-25 or 2026-11-25T09:00:00Z"
        raise ValueError(f"'{name}' is a day or a moment as {example}, not {quoted(text)}")
    return moment


def counted(figures: Mapping[str, Figure]) -> dict[str, Any]:
    """Return figures with how many calls are behind each."""
    return {name: asdict(each) | {"calls": len(each.calls)} for name, each in figures.items()}
