"""Whether a desk can keep one more promise."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.desk.workload import Pace, can_keep

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("pace", "can"),
    [
        (Pace(0, 1), True),
        (Pace(0, 0), False),
        (Pace(15, 1, timedelta(minutes=3)), True),
        (Pace(16, 1, timedelta(minutes=3)), False),  # a quarter of the hour is kept free
        (Pace(90, 6, timedelta(minutes=3)), True),
        (Pace(91, 6, timedelta(minutes=3)), False),
    ],
)
def test_a_promise_is_made_where_the_desk_comes_to_her_in_time(pace: Pace, can: bool) -> None:
    assert can_keep(pace, HOUR) is can


@given(st.integers(0, 500), st.integers(0, 50), st.integers(1, 3600))
def test_more_agents_and_fewer_before_her_never_make_it_impossible(
    ahead: int, agents: int, seconds: int
) -> None:
    handling = timedelta(seconds=seconds)
    if can_keep(Pace(ahead, agents, handling), HOUR):
        assert can_keep(Pace(ahead, agents + 1, handling), HOUR)
        assert can_keep(Pace(max(0, ahead - 1), agents, handling), HOUR)
