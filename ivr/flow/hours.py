"""Opening hours as data: `flows/hours.yaml`.

    front_desk:
      open: Mo-Su 09:00-22:00       # the grammar of OpenStreetMap's opening_hours
      zone: Asia/Shanghai
      holidays: CN                  # whose public holidays, and working days that make up for them

Pure: the time is an argument.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
from holidays import HolidayBase
from opening_hours import OpeningHours
from pydantic import AfterValidator, BaseModel, ConfigDict

from ivr.errors import Problem
from ivr.flow import source
from ivr.flow.fitting import fit
from ivr.flow.source import Wrong

State = Literal["open", "closed", "holiday"]
_SUNDAY_IS_MONDAY = timedelta(days=1)
_SATURDAY_IS_FRIDAY = timedelta(days=-1)


def _opening(text: str) -> str:
    try:
        OpeningHours(text)
    except Exception:  # the library's own parse error: several lines that draw the place
        example = "such as 'Mo-Fr 09:00-22:00; Sa 10:00-14:00'"
        raise Wrong(f"opening hours are expected here, {example}; this is '{text[:80]}'") from None
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Wrong(f"there is no time zone '{name[:60]}'; one is Asia/Shanghai") from None
    return name


def _country(code: str) -> str:
    if code not in holidays.list_supported_countries():
        raise Wrong(f"no holidays are known for '{code[:20]}'; write CN or HK, for instance")
    return code


class Hours(BaseModel):
    """When a desk is open, in its own time zone."""

    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))

    open: Annotated[str, AfterValidator(_opening)]
    zone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    holidays: Annotated[str, AfterValidator(_country)] | None = None

    def state(self, now: datetime) -> State:
        """Return whether the desk is open at an aware time; a holiday wins over the hours.

        A weekend's day that makes up for a holiday has the hours of the working day beside it.
        """
        local = now.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        if self._calendar is not None:
            if local.date() in self._calendar:
                return "holiday"
            if local.date() in self._calendar.weekend_workdays:
                local += _SUNDAY_IS_MONDAY if local.weekday() == 6 else _SATURDAY_IS_FRIDAY
        return "open" if self._hours.is_open(local) else "closed"

    @cached_property
    def _hours(self) -> OpeningHours:
        return OpeningHours(self.open)

    @cached_property
    def _calendar(self) -> HolidayBase | None:
        return holidays.country_holidays(self.holidays) if self.holidays else None


def load(file: str, text: str) -> tuple[dict[str, Hours], list[Problem]]:
    """Read `hours.yaml`; return the hours by name and every problem."""
    tree, problems = source.read(file, text)
    found: dict[str, Hours] = {}
    if tree is not None and not isinstance(tree, source.Mapping):
        problems.append(Problem(tree.where, "names of opening hours are expected", "wrong-shape"))
    elif tree is not None:
        for name, (_, entry) in tree.entries.items():
            hours, wrong = fit(entry, Hours, f"'{name}'")
            problems += wrong
            if hours is not None:
                found[name] = hours
    return found, problems
