"""When a desk is open: hours, holidays, and the days that make up for them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.flow.hours import Hours

SHANGHAI = ZoneInfo("Asia/Shanghai")
DESK = {"open": "Mo-Th 09:00-18:00; Fr 09:00-17:00; Sa 10:00-12:00", "holidays": "CN"}


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-11-23 09:00", "open"),
        ("2026-11-23 18:00", "closed"),
        ("2026-11-21 11:00", "open"),  # a Saturday
        ("2026-11-21 13:00", "closed"),
        ("2026-11-22 11:00", "closed"),  # a Sunday
        ("2026-10-01 11:00", "holiday"),
        ("2026-02-14 16:59", "open"),  # a Saturday that makes up for the Spring Festival
        ("2026-02-14 17:00", "closed"),
        ("2026-09-20 17:59", "open"),  # a Sunday that makes up for the National Day
        ("2026-09-20 18:00", "closed"),
    ],
)
def test_holidays_are_closed_and_the_days_that_make_up_for_them_are_worked(
    moment: str, state: str
) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)
    assert Hours.model_validate(DESK).state(now) == state


def test_without_holidays_a_weekend_is_one() -> None:
    now = datetime.fromisoformat("2026-02-14 16:00").replace(tzinfo=SHANGHAI)
    assert Hours.model_validate(DESK | {"holidays": None}).state(now) == "closed"
