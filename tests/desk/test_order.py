"""The order of service is the order of arrival."""

from datetime import UTC, datetime

from ivr.desk.order import TENTHS_UNTIL_THEN


def test_for_years_every_arrival_has_a_priority_that_the_switch_can_hold() -> None:
    for year in (2024, 2035):
        came = round(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 10
        assert abs(TENTHS_UNTIL_THEN - came) < 2**31
