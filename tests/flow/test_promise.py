"""Until when somebody calls back."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.flow.hours import Hours
from ivr.flow.promise import Promise

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYS = Hours.model_validate({"open": "Mo-Fr 09:00-18:00", "holidays": "CN"})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-23 10:00", "2026-11-23 11:00"),
        ("2026-11-23 10:01:30", "2026-11-23 11:05"),  # rounded up to what can be said
        ("2026-11-23 08:00", "2026-11-23 10:00"),
        ("2026-11-23 17:40", "2026-11-24 09:40"),  # twenty minutes today, forty tomorrow
        ("2026-11-20 17:00", "2026-11-20 18:00"),
        ("2026-11-20 18:00", "2026-11-23 10:00"),  # over the weekend
        ("2026-10-01 10:00", "2026-10-08 10:00"),  # a week of holidays
        ("2026-09-30 18:00", None),  # an hour more than a week
    ],
)
def test_time_in_which_the_desk_is_closed_does_not_count(now: str, until: str | None) -> None:
    promised = Promise(timedelta(hours=1), DAYS).until(at(now))
    assert promised == (until and at(until))


def test_a_promise_is_told_in_the_zone_of_the_desk() -> None:
    always = Hours.model_validate({"open": "24/7", "zone": "Europe/London"})
    promised = Promise(timedelta(hours=1), always).until(at("2026-11-23 10:00"))
    assert promised is not None and f"{promised:%H:%M}" == "03:00"


def test_a_desk_that_never_opens_promises_nothing() -> None:
    never = Hours.model_validate({"open": "off"})
    assert Promise(timedelta(minutes=5), never).until(at("2026-11-23 10:00")) is None


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize(
    "day", ["2027-03-28", "2027-10-31", "2027-03-14", "2027-11-07", "2027-04-04", "2028-02-29"]
)
def test_over_a_change_of_clocks_a_promise_is_as_long_as_it_says(zone: str, day: str) -> None:
    there = ZoneInfo(zone)
    hours = Hours.model_validate({"open": "00:30-04:00,09:00-22:00", "zone": zone})
    promise = Promise(timedelta(hours=1), hours)
    begin = datetime.fromisoformat(day).replace(tzinfo=there).timestamp() - 6 * 3600
    for step in range(48):
        now = datetime.fromtimestamp(begin + step * 1800 + 7, there)
        until = promise.until(now)
        assert until is not None
        first = -(-now.timestamp() // 300) * 300
        slots = range(int(first), int(until.timestamp()), 300)
        open_ = [x for x in slots if hours.state(datetime.fromtimestamp(x, there)) == "open"]
        assert len(open_) == 12 and open_[-1] == slots[-1]


def test_at_the_end_of_a_year_a_promise_is_one_of_the_next() -> None:
    always = Hours.model_validate({"open": "24/7"})
    promised = Promise(timedelta(hours=1), always).until(at("2026-12-31 23:31"))
    assert promised == at("2027-01-01 00:35")
