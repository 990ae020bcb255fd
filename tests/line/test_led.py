"""What belongs to a call that is led."""

from datetime import UTC, datetime, timedelta

from ivr.line.led import clock


def test_the_clock_of_a_call_is_aware_and_never_goes_back() -> None:
    tell = clock()
    times = [tell() for _ in range(100)]
    assert times == sorted(times)
    assert abs(times[0] - datetime.now(UTC)) < timedelta(minutes=1)
