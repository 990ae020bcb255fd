"""A service that fails is left alone; time passes only where a test lets it."""

from __future__ import annotations

import asyncio
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.services import Failed, Missing
from ivr.services.breaker import CALM, FAILS, FORGOTTEN, PAUSES, Breaker, Breakers, Question


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def asked(breaker: Breaker) -> Question:
    question = breaker.asks()
    assert question
    return question


def fails(breaker: Breaker) -> bool:
    return breaker.came(asked(breaker), False)


def opened(clock: Clock) -> Breaker:
    breaker = Breaker(clock)
    assert [fails(breaker) for _ in range(FAILS)] == [False] * (FAILS - 1) + [True]
    return breaker


def test_failures_running_open_it_and_a_good_answer_between_them_does_not() -> None:
    breaker = Breaker(Clock())
    for _ in range(3):
        assert [fails(breaker) for _ in range(FAILS - 1)] == [False] * (FAILS - 1)
        assert breaker.came(asked(breaker), True) is False
    assert [fails(breaker) for _ in range(FAILS)] == [False] * (FAILS - 1) + [True]
    assert not breaker.asks()


def test_one_tries_it_when_the_pause_is_over_and_all_ask_again_when_it_is_well() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += PAUSES[0] - 0.01
    assert not breaker.asks()
    clock.now += 0.01
    trial = asked(breaker)
    assert [breaker.asks() for _ in range(2)] == [None] * 2
    assert breaker.came(trial, True) is True
    assert all(breaker.asks() for _ in range(3))


def test_each_try_that_fails_makes_the_pause_longer() -> None:
    clock = Clock()
    breaker = opened(clock)
    for pause in (*PAUSES, PAUSES[-1]):
        clock.now += pause - 0.01
        assert not breaker.asks()
        clock.now += 0.02
        assert fails(breaker) is False


def test_what_was_asked_before_it_opened_makes_no_pause_longer_also_while_one_tries_it() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    *late, one, other = [asked(breaker) for _ in range(50)]
    assert [breaker.came(each, False) for each in late].count(True) == 1
    clock.now += PAUSES[0]
    trial = asked(breaker)
    assert breaker.came(one, False) is False
    breaker.left(other)
    assert not breaker.asks(), "she who tries it still waits for her answer"
    assert breaker.came(trial, False) is False
    clock.now += PAUSES[1]
    assert breaker.asks()


def test_a_good_answer_however_late_it_comes_lets_all_ask_again() -> None:
    breaker = Breaker(Clock())
    late = [asked(breaker) for _ in range(FAILS + 1)]
    assert [breaker.came(each, each is late[-1]) for each in late][-2:] == [True, True]
    assert breaker.asks()


def test_who_tries_it_and_hangs_up_leaves_it_to_the_next() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += PAUSES[0]
    breaker.left(asked(breaker))
    assert breaker.asks()


def test_one_that_flaps_is_asked_less_and_less_until_it_is_calm() -> None:
    clock = Clock()
    breaker = opened(clock)
    for pause in PAUSES[:3]:
        clock.now += pause
        breaker.came(asked(breaker), True)
        for _ in range(FAILS):
            fails(breaker)
    clock.now += PAUSES[2]
    assert not breaker.asks()
    clock.now += PAUSES[3]
    breaker.came(asked(breaker), True)
    clock.now += CALM
    for _ in range(FAILS):
        fails(breaker)
    clock.now += PAUSES[0]
    assert breaker.asks()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ask", "well", "fails", "left"]), st.floats(0, 40), st.integers()
        )
    )
)
def test_whatever_happens_it_is_tried_again_in_bounded_time(
    steps: list[tuple[str, float, int]],
) -> None:
    clock = Clock()
    breaker = Breaker(clock)
    out: list[Question] = []
    for what, seconds, which in steps:
        clock.now += seconds
        if what == "ask":
            out += filter(None, [breaker.asks()])
        elif out:
            question = out.pop(which % len(out))
            breaker.left(question) if what == "left" else breaker.came(question, what == "well")
    for question in out:
        breaker.left(question)
    clock.now += PAUSES[-1]
    assert breaker.asks()


async def bad() -> tuple[Missing | Failed, bool]:
    return Failed("no answer within 5 s"), False


async def good() -> tuple[Missing | Failed, bool]:
    return Missing(), True


async def test_each_change_is_told_once_and_the_rest_of_the_callers_are_not_kept_waiting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    breakers = Breakers(clock)
    with caplog.at_level(logging.INFO):
        for _ in range(FAILS):
            answer = await breakers.through("billing", "http://a", bad)
            assert isinstance(answer, Failed) and answer.is_asked
        for _ in range(100):
            answer = await breakers.through("billing", "http://a", good)
            assert isinstance(answer, Failed) and not answer.is_asked
        assert await breakers.through("crm", "http://b", good) == Missing()
        assert breakers.well() == {"billing": False, "crm": True}
        (why,) = breakers.unwell().values()
        assert "failed 5 times running (no answer within 5 s)" in why
        clock.now += 34
        assert await breakers.through("billing", "http://a", good) == Missing()
    assert breakers.unwell() == {}
    assert [record.message for record in caplog.records] == [
        f"service 'billing' is left alone: {why}",
        "service 'billing' is well again, after 34 s",
    ]


async def test_a_service_that_has_moved_is_asked_at_its_new_address() -> None:
    clock = Clock()
    breakers = Breakers(clock)
    for _ in range(FAILS):
        await breakers.through("billing", "http://old", bad)
    assert await breakers.through("billing", "http://new", good) == Missing()
    assert breakers.well() == {"billing": False}
    clock.now += FORGOTTEN
    assert await breakers.through("billing", "http://new", good) == Missing()
    assert breakers.well() == {"billing": True}


async def test_a_caller_who_leaves_while_she_tries_it_keeps_nobody_from_it() -> None:
    clock = Clock()
    breakers = Breakers(clock)
    for _ in range(FAILS):
        await breakers.through("billing", "http://a", bad)
    clock.now += PAUSES[0]

    async def never() -> tuple[Missing | Failed, bool]:
        await asyncio.Event().wait()
        raise AssertionError

    trying = asyncio.create_task(breakers.through("billing", "http://a", never))
    await asyncio.sleep(0)
    answer = await breakers.through("billing", "http://a", good)
    assert isinstance(answer, Failed)
    trying.cancel()
    await asyncio.wait([trying])
    assert await breakers.through("billing", "http://a", good) == Missing()
