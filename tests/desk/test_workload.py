"""Whether a desk can keep one more promise."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.promises import RULE, Month
from ivr.desk.agenda import State
from ivr.desk.workload import Pace, can_keep


@pytest.mark.parametrize(
    ("pace", "can"),
    [
        (Pace(0, 1), True),
        (Pace(0, 0), False),
        (Pace(13, 1, timedelta(minutes=3)), True),
        (Pace(14, 1, timedelta(minutes=3)), False),  # a third of the hour is kept free
        (Pace(80, 6, timedelta(minutes=3)), True),
        (Pace(81, 6, timedelta(minutes=3)), False),
    ],
)
def test_a_promise_is_made_where_the_desk_comes_to_her_in_time(pace: Pace, can: bool) -> None:
    assert can_keep(pace, RULE) is can


@given(st.integers(0, 500), st.integers(0, 50), st.integers(1, 3600))
def test_more_agents_and_fewer_before_her_never_make_it_impossible(
    ahead: int, agents: int, seconds: int
) -> None:
    handling = timedelta(seconds=seconds)
    if can_keep(Pace(ahead, agents, handling), RULE):
        assert can_keep(Pace(ahead, agents + 1, handling), RULE)
        assert can_keep(Pace(max(0, ahead - 1), agents, handling), RULE)


@pytest.mark.parametrize(("busy", "days"), [(1.0, 2), (1.2, 1)])
def test_in_simulated_days_of_the_relay_desk_promises_are_kept(busy: float, days: int) -> None:
    result = Month(3, busy).run(days)
    assert result.fates.total() > 1000
    assert result.kept >= 0.99
    assert result.fates[State.CANCELLED] == 0
