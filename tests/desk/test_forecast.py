"""What callers may expect: by hand, and against what is known of M/M/c in closed form."""

import math
from collections.abc import Sequence

import pytest

from bench.wait import erlang_c
from ivr.desk.forecast import Seat, Waiting, expected
from ivr.desk.lines import ANYONE, steps
from ivr.desk.tempo import Pace

# Conversations that last exactly a minute; phones that are answered at once.
MINUTE = Pace((60.0,), ring=0.0, leaving=0.0, known=100)
ANN = Seat({"desk": 0})


def waiting(*lines: str, waited: float = 0.0) -> list[Waiting]:
    return [Waiting(f"c{n}", line, waited) for n, line in enumerate(lines, start=1)]


def waits(
    callers: Sequence[Waiting],
    seats: Sequence[Seat],
    pace: Pace | None = MINUTE,
    relax: Sequence[tuple[int, int]] = (),
) -> list[tuple[int, float | None]]:
    found = expected(callers, seats, lambda line: pace, lambda line: relax)
    return [(found[caller.id].place, found[caller.id].wait) for caller in callers]


def test_the_first_is_served_at_once_and_the_next_when_she_is_done() -> None:
    assert waits(waiting("desk", "desk", "desk"), [ANN]) == [(1, 0.0), (2, 60.0), (3, 120.0)]
    assert waits(waiting("desk", "desk", "desk"), [ANN, ANN]) == [(1, 0.0), (2, 0.0), (3, 60.0)]


def test_the_phone_rings_first_and_the_agent_has_a_breath_after() -> None:
    pace = Pace((60.0,), ring=5.0, leaving=0.0, known=100)
    found = waits(waiting("desk", "desk"), [Seat({"desk": 0}, wrap_up=10.0)], pace)
    assert found == [(1, 5.0), (2, 80.0)]


def test_an_agent_who_talks_is_free_when_what_is_left_is_over() -> None:
    talks = Seat({"desk": 0}, talks=("desk", 45.0), wrap_up=10.0)
    pace = Pace((20.0, 60.0, 60.0, 60.0), ring=0.0, leaving=0.0, known=100)
    assert waits(waiting("desk"), [talks], pace) == [(1, 25.0)]
    assert waits(waiting("desk"), [Seat({"desk": 0}, rest=7.0)]) == [(1, 7.0)]


def test_one_who_talks_longer_than_anybody_ever_did_is_not_expected_at_any_moment() -> None:
    talks = Seat({"desk": 0}, talks=("desk", 900.0))
    assert waits(waiting("desk"), [talks]) == [(1, 60.0)]


def test_where_nobody_is_at_work_or_nothing_is_known_no_wait_is_told() -> None:
    assert waits(waiting("desk", "desk"), []) == [(1, None), (2, None)]
    assert waits(waiting("desk"), [Seat({"other": 0})]) == [(1, None)]
    assert waits(waiting("desk", "desk"), [ANN], pace=None) == [(1, None), (2, None)]
    assert expected([], [ANN], lambda line: MINUTE, lambda line: ()) == {}


def test_lines_share_their_agents_and_places_count_those_who_are_after_the_same() -> None:
    both = Seat({"desk+cmn": 1, "desk+yue": 1})
    callers = waiting("desk+cmn", "other", "desk+yue")
    assert waits(callers, [both]) == [(1, 0.0), (1, None), (2, 60.0)]
    only = Seat({"desk+yue": 0})
    # The one who speaks nothing else is asked first, so the other is kept for the first caller.
    assert waits(waiting("desk+yue", "desk+cmn"), [both, only]) == [(1, 0.0), (2, 0.0)]


def test_whom_only_time_brings_comes_when_it_has() -> None:
    relax = steps(None, 120)
    foreign = Seat({"desk+yue": ANYONE})
    (found,) = waits(waiting("desk+yue"), [foreign], relax=relax)
    assert found == (1, 120.0)
    (found,) = waits(waiting("desk+yue", waited=90.0), [foreign], relax=relax)
    assert found == (1, 30.0)
    assert waits(waiting("desk+yue"), [foreign]) == [(1, None)]


def test_whoever_is_ahead_may_give_up() -> None:
    patient, hasty = (Pace((60.0,), 0.0, leaving, 100) for leaving in (0.0, 1 / 60))
    seats = [Seat({"desk": 0}, rest=60.0)]
    callers = waiting(*["desk"] * 5)
    assert waits(callers, seats, patient)[-1] == (5, 300.0)
    (_, wait) = waits(callers, seats, hasty)[-1]
    # Of each ahead e**-1 are left when an agent is free, and she herself stays.
    assert wait is not None and 60 < wait < 200


def test_the_same_desk_gives_the_same_wait() -> None:
    pace = Pace(tuple(float(n) for n in range(1, 100)), 3.0, 0.001, 100)
    assert waits(waiting(*["desk"] * 9), [ANN] * 4, pace) == waits(
        waiting(*["desk"] * 9), [ANN] * 4, pace
    )


@pytest.mark.parametrize(("agents", "load"), [(1, 0.7), (3, 2.4), (10, 9.0), (30, 28.0)])
def test_over_all_states_of_a_steady_queue_it_is_the_mean_wait_of_mmc(
    agents: int, load: float
) -> None:
    """A caller sees a state as often as it is (PASTA), and how often that is, is known."""
    exponential = tuple(-180.0 * math.log(1 - (n + 0.5) / 500) for n in range(500))
    pace = Pace(exponential, ring=0.0, leaving=0.0, known=500)
    share = load / agents
    weights = [load**n / math.factorial(n) for n in range(agents)]
    # The queue behind the last agent, until it is so long that it hardly ever is.
    longest = math.ceil(math.log(1e-4) / math.log(share))
    queued = [load**agents / math.factorial(agents) * share**n for n in range(longest)]
    whole = sum(weights) + queued[0] / (1 - share)
    ages = [60.0 * n for n in range(agents)]
    busy = [Seat({"desk": 0}, talks=("desk", age)) for age in ages]
    callers = waiting(*["desk"] * longest)
    # Whoever comes with n ahead of her is the caller of place n + 1.
    found = expected(callers, busy, lambda line: pace, lambda line: ())
    mean = sum(
        probability * (found[caller.id].wait or 0.0) / whole
        for probability, caller in zip(queued, callers, strict=True)
    )
    assert mean == pytest.approx(erlang_c(agents, load, 180.0), rel=0.03)


def test_a_thousand_seats_and_two_hundred_callers_do_not_hold_a_call_up() -> None:
    # 10 to 30 ms on two processors; what is tested is that nothing grows with their product.
    pace = Pace(tuple(float(n) for n in range(60, 260)), 3.0, 0.001, 200)
    seats = [Seat({"desk": 0}, talks=("desk", float(n % 200))) for n in range(1000)]
    found = expected(waiting(*["desk"] * 200), seats, lambda line: pace, lambda line: ())
    assert found["c200"].place == 200
