"""The sums of a desk: told by hand, and by many thousand lives of callers."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.desk.ledger import ECHO, LONGEST, MOMENT, Fate, Ledger, Sums
from tests.desk.lives import Hearing, Lives, run

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LIST = {"Event": "QueueParams", "Queue": "front_desk"}
DONE = {"Event": "QueueStatusComplete"}


def event(kind: str, caller: str = "1.1", queue: str = "front_desk") -> dict[str, str]:
    return {"Event": kind, "Queue": queue, "Uniqueid": caller}


JOIN, LEAVE = event("QueueCallerJoin"), event("QueueCallerLeave")
ABANDON, CONNECT = event("QueueCallerAbandon"), event("AgentConnect")
ENTRY = event("QueueEntry")


def told(*events: Mapping[str, str], desks: tuple[str, ...] = ("front_desk",)) -> Ledger:
    """A ledger that was told these, a second apart and the last one at NOW."""
    ledger = Ledger(desks)
    for n, one in enumerate(events):
        ledger.apply(one, NOW + SECOND * (n + 1 - len(events)))
    return ledger


def adds_up(sums: Sums) -> bool:
    """The equation, and no number below none."""
    numbers: dict[str, int] = vars(sums)
    return min(numbers.values()) >= 0 and 2 * numbers["offered"] == sum(numbers.values())


def at_desk(ledger: Ledger, desk: str = "front_desk") -> Sums:
    sums = ledger.sums()[desk]
    assert adds_up(sums)
    return sums


def test_a_desk_nobody_was_offered_has_sums_too() -> None:
    assert Ledger(["roaming", "front_desk"]).sums() == {"front_desk": Sums(), "roaming": Sums()}


@pytest.mark.parametrize(
    ("events", "sums"),
    [
        ([JOIN], Sums(offered=1, still_there=1)),
        ([JOIN, LEAVE], Sums(offered=1, still_there=1)),
        ([JOIN, LEAVE, CONNECT], Sums(offered=1, answered=1)),
        ([JOIN, ABANDON, LEAVE], Sums(offered=1, gave_up=1)),
        # The agent hung up as she was greeted (app_queue.c, AGENTDUMP).
        ([JOIN, LEAVE, ABANDON], Sums(offered=1, gave_up=1)),
        ([CONNECT], Sums(offered=1, answered=1)),
        ([LEAVE, ABANDON, DONE], Sums()),
        ([JOIN, JOIN], Sums(offered=1, still_there=1)),
        ([JOIN, ABANDON, JOIN, LEAVE, CONNECT], Sums(offered=2, gave_up=1, answered=1)),
        ([LIST, ENTRY, DONE], Sums(offered=1, still_there=1)),
        ([JOIN, LIST, ENTRY, DONE], Sums(offered=1, still_there=1)),
        ([LIST, ENTRY, JOIN, ABANDON, DONE], Sums(offered=1, gave_up=1)),
        ([JOIN, event("QueueCallerLeave", queue="other")], Sums(offered=1, still_there=1)),
    ],
)
def test_what_the_switch_alone_tells(events: list[dict[str, str]], sums: Sums) -> None:
    assert at_desk(told(*events)) == sums


@pytest.mark.parametrize("fate", Fate)
def test_the_controller_tells_what_the_switch_cannot(fate: Fate) -> None:
    ledger = Ledger()
    ledger.enter("1.1", "front_desk", NOW)
    for one in (JOIN, ABANDON, LEAVE):
        ledger.apply(one, NOW)
        assert at_desk(ledger) == Sums(offered=1, still_there=1)
    ledger.settle("1.1", fate, NOW)
    assert at_desk(ledger) == Sums(1, **{fate.name.lower(): 1})


def test_an_answer_counts_when_it_happens_and_once() -> None:
    ledger = Ledger()
    ledger.enter("1.1", "front_desk", NOW)
    for one in (JOIN, LEAVE, CONNECT, CONNECT):
        ledger.apply(one, NOW)
    assert at_desk(ledger) == Sums(offered=1, answered=1)
    ledger.settle("1.1", Fate.ANSWERED, NOW + SECOND)
    assert at_desk(ledger) == Sums(offered=1, answered=1)


def test_one_whom_no_place_was_left_for_was_offered() -> None:
    ledger = Ledger()
    ledger.enter("1.1", "front_desk", NOW)
    ledger.settle("1.1", Fate.OVERFLOWED, NOW)
    assert at_desk(ledger) == Sums(offered=1, overflowed=1)


def test_events_that_come_late_count_nothing_twice() -> None:
    ledger = Ledger()
    ledger.enter("1.1", "front_desk", NOW)
    ledger.settle("1.1", Fate.OVERFLOWED, NOW)
    for one in (JOIN, ABANDON, LEAVE):
        ledger.apply(one, NOW + ECHO)
    assert at_desk(ledger) == Sums(offered=1, overflowed=1)
    # She waits again, without us: in the dialplan's last resort.
    ledger.apply(JOIN, NOW + 2 * ECHO)
    assert at_desk(ledger) == Sums(offered=2, overflowed=1, still_there=1)


def test_the_moment_is_the_switchs_where_it_tells_it() -> None:
    ledger = told(JOIN, ABANDON)
    late = {**JOIN, "Timestamp": f"{(NOW - SECOND).timestamp():.6f}"}
    ledger.apply(late, NOW + LONGEST)
    assert at_desk(ledger) == Sums(offered=1, gave_up=1)
    for rubbish in ("", "x", "nan", "inf", "9" * 400):
        ledger.apply({**LEAVE, "Timestamp": rubbish}, NOW)
    assert at_desk(ledger) == Sums(offered=1, gave_up=1)


def test_a_caller_whom_the_controller_lost_is_told_of_by_the_switch() -> None:
    ledger = Ledger()
    ledger.enter("1.1", "front_desk", NOW)
    ledger.settle("1.1", None, NOW)
    assert at_desk(ledger) == Sums(offered=1, still_there=1)
    ledger.apply(ABANDON, NOW)
    assert at_desk(ledger) == Sums(offered=1, gave_up=1)


def test_one_who_waits_again_at_once_may_be_answered_at_once() -> None:
    ledger = Ledger()
    ledger.enter("1.1", "front_desk", NOW)
    ledger.settle("1.1", Fate.OVERFLOWED, NOW)
    ledger.enter("1.1", "front_desk", NOW)
    ledger.apply(CONNECT, NOW)
    assert at_desk(ledger) == Sums(offered=2, overflowed=1, answered=1)


def test_what_nobody_leads_nobody_settles() -> None:
    ledger = told(JOIN)
    ledger.settle("1.1", Fate.OVERFLOWED, NOW)
    assert at_desk(ledger) == Sums(offered=1, still_there=1)


def test_a_call_back_promised_after_the_wait_is_what_became_of_it() -> None:
    ledger = Ledger()
    ledger.enter("1.1", "front_desk", NOW)
    ledger.settle("1.1", Fate.OVERFLOWED, NOW)
    for _ in range(2):
        ledger.turn("1.1", "front_desk", Fate.CALLED_BACK)
        ledger.turn("1.2", "front_desk", Fate.CALLED_BACK)
        assert at_desk(ledger) == Sums(offered=1, called_back=1)


def test_one_who_hung_up_has_not_left_a_message() -> None:
    ledger = Ledger()
    ledger.enter("1.1", "front_desk", NOW)
    ledger.settle("1.1", Fate.GAVE_UP, NOW)
    ledger.turn("1.1", "front_desk", Fate.LEFT_A_MESSAGE)
    assert at_desk(ledger) == Sums(offered=1, gave_up=1)


def test_the_lines_of_a_desk_are_one_desk() -> None:
    ledger = told(JOIN, event("QueueCallerJoin", "1.2", "front_desk+yue"))
    assert at_desk(ledger) == Sums(offered=2, still_there=2)
    ledger.apply(event("QueueCallerJoin", "1.1", "front_desk+yue"), NOW)
    assert at_desk(ledger) == Sums(offered=2, still_there=2)


def test_one_who_waits_at_another_desk_has_left_the_first() -> None:
    ledger = told(JOIN, event("QueueCallerJoin", queue="roaming"), desks=("front_desk", "roaming"))
    assert at_desk(ledger) == Sums(offered=1, overflowed=1)
    assert at_desk(ledger, "roaming") == Sums(offered=1, still_there=1)


def listed(
    ledger: Ledger, now: datetime, *entries: Mapping[str, str], of: str = "front_desk"
) -> None:
    for one in ({**LIST, "Queue": of}, *entries, DONE):
        ledger.apply(one, now)


def test_whoever_vanished_in_a_gap_is_unseen() -> None:
    ledger = told(JOIN)
    ledger.lose()
    listed(ledger, NOW + SECOND)
    assert at_desk(ledger) == Sums(offered=1, still_there=1)
    listed(ledger, NOW + 2 * SECOND + MOMENT)
    assert at_desk(ledger) == Sums(offered=1, unseen=1)


def test_an_answer_that_comes_behind_a_list_is_an_answer() -> None:
    ledger = told(JOIN)
    listed(ledger, NOW + SECOND)
    ledger.apply(CONNECT, NOW + 2 * SECOND)
    assert at_desk(ledger) == Sums(offered=1, answered=1)


def test_whoever_came_amid_a_list_is_not_missed_in_it() -> None:
    ledger = told(LIST, JOIN, DONE)
    listed(ledger, NOW + 2 * MOMENT, ENTRY)
    assert at_desk(ledger) == Sums(offered=1, still_there=1)


def test_whoever_is_led_is_settled_by_the_controller_alone() -> None:
    ledger = Ledger()
    ledger.enter("1.1", "front_desk", NOW)
    for minutes in range(1, 5):
        listed(ledger, NOW + timedelta(minutes=minutes))
    assert at_desk(ledger) == Sums(offered=1, still_there=1)


def test_a_desk_that_is_deleted_keeps_its_callers_and_its_sums() -> None:
    ledger = told(JOIN, event("QueueCallerJoin", "1.2"))
    listed(ledger, NOW + 2 * MOMENT, of="roaming")
    listed(ledger, NOW + 4 * MOMENT, of="roaming")
    assert at_desk(ledger) == Sums(offered=2, still_there=2)
    ledger.apply(LEAVE, NOW + 5 * MOMENT)
    ledger.apply(CONNECT, NOW + 5 * MOMENT)
    listed(ledger, NOW + LONGEST + SECOND, of="roaming")
    assert at_desk(ledger) == Sums(offered=2, answered=1, unseen=1)


def test_events_make_no_desks_of_their_own() -> None:
    ledger = told(event("QueueCallerJoin", queue="forged"), event("AgentConnect", queue="forged"))
    assert ledger.sums() == {"front_desk": Sums()}


kinds = st.sampled_from(
    [
        "QueueParams",
        "QueueEntry",
        "QueueStatusComplete",
        "QueueCallerJoin",
        "QueueCallerLeave",
        "QueueCallerAbandon",
        "AgentConnect",
        "AgentComplete",
        "Other",
    ]
)
rubbish = st.fixed_dictionaries(
    {"Event": kinds},
    optional={
        "Queue": st.sampled_from(["", "front_desk", "front_desk+yue", "roaming", "客"]),
        "Uniqueid": st.sampled_from(["", "1.1", "1.2", "1.3"]),
        "Timestamp": st.sampled_from(["", "x", "1795338000", "9" * 30]),
    },
)


@given(st.lists(rubbish, max_size=60))
def test_rubbish_adds_up(many: list[dict[str, str]]) -> None:
    ledger = Ledger(["front_desk"])
    for n, one in enumerate(many):
        ledger.apply(one, NOW + n * SECOND)
        assert all(map(adds_up, ledger.sums().values()))


@pytest.mark.parametrize("seed", range(4))
def test_two_hundred_thousand_pieces_of_news_add_up_however_they_are_heard(seed: int) -> None:
    hearing = Hearing(lost=0.1, twice=0.1, late=0.2, rubbish=0.1)
    ledger = Ledger(Lives.DESKS)
    for _ in run(Lives(seed), hearing, ledger, 50_000):
        assert all(map(adds_up, ledger.sums().values()))


@pytest.mark.parametrize("seed", range(4))
def test_whoever_the_controller_leads_is_counted_right_however_the_switch_is_heard(
    seed: int,
) -> None:
    lives = Lives(seed, led=1.0)
    ledger = Ledger(Lives.DESKS)
    for _ in run(lives, Hearing(lost=0.3, twice=0.2, late=0.3), ledger, 20_000):
        pass
    assert ledger.sums() == lives.truth()


@pytest.mark.parametrize("seed", range(4))
def test_whoever_nobody_leads_is_counted_right_by_whole_news_heard_twice(seed: int) -> None:
    lives = Lives(seed, led=0.5)
    ledger = Ledger(Lives.DESKS)
    for _ in run(lives, Hearing(twice=0.3), ledger, 20_000):
        pass
    assert ledger.sums() == lives.truth()


@pytest.mark.parametrize("seed", range(4))
def test_what_is_lost_is_unseen_and_mends(seed: int) -> None:
    lives = Lives(seed, led=0.5)
    ledger = Ledger(Lives.DESKS)
    for _ in run(lives, Hearing(lost=0.1), ledger, 20_000):
        pass
    for later in (MOMENT, 3 * MOMENT, 5 * MOMENT):
        for one in lives.listed():
            ledger.apply(one, lives.now + later)
    for desk, sums in ledger.sums().items():
        truth = lives.truth()[desk]
        assert sums.still_there == truth.still_there
        assert 0 < sums.unseen < truth.offered * 0.2
        assert sums.offered <= truth.offered + sums.unseen
        assert sums.answered <= truth.answered
