"""Who waits, in order, and who is at work, out of the events of a switch."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.desk.agenda import Booking, State
from ivr.desk.board import Board
from ivr.desk.forecast import Seat
from ivr.desk.lineup import at_work, in_order
from ivr.desk.tempo import Tempo
from tests.desk.test_board import COMPLETE, MEMBER, NOW, PARAMS, status

YUE = {"Queue": "front_desk+yue"}


def joins(unique: str, line: str, position: int) -> dict[str, str]:
    place = {"Queue": line, "Uniqueid": unique, "Position": str(position)}
    return {"Event": "QueueCallerJoin", **place}


def switch(*members: Mapping[str, str]) -> Board:
    board = Board(NOW)
    for event in (PARAMS, {**PARAMS, **YUE}, *members, COMPLETE):
        board.apply(event, NOW)
    return board


def order(*joining: dict[str, str], **weights: int) -> list[str]:
    """The ids of who waits after these came, a second apart, in the order of service."""
    board = switch()
    for n, each in enumerate(joining):
        board.apply(each, NOW + timedelta(seconds=n))
    later = NOW + timedelta(minutes=1)
    return [each.id for each in in_order(board.snapshot(later).queues, weights, later)]


def test_whoever_came_first_is_first_over_all_lines() -> None:
    one, two = "front_desk", "front_desk+yue"
    assert order(joins("a", two, 1), joins("b", one, 1), joins("c", two, 2)) == ["a", "b", "c"]


def test_one_who_is_passed_on_stands_before_those_who_came_after_her() -> None:
    one, two = "front_desk", "front_desk+yue"
    joining = [joins("a", one, 1), joins("b", two, 1), joins("early", one, 1)]
    assert order(*joining) == ["early", "a", "b"]


def test_the_callers_of_a_heavier_desk_come_first() -> None:
    assert order(joins("a", "front_desk", 1), joins("b", "front_desk+yue", 1), front_desk=1) == [
        "a",
        "b",
    ]
    board = switch({**PARAMS, "Queue": "roaming"})
    for each in (joins("a", "front_desk", 1), joins("b", "roaming", 1)):
        board.apply(each, NOW)
    found = in_order(board.snapshot(NOW).queues, {"roaming": 5}, NOW)
    assert [each.id for each in found] == ["b", "a"]


def test_how_long_each_has_waited_is_known() -> None:
    board = switch()
    board.apply(joins("a", "front_desk", 1), NOW)
    later = NOW + timedelta(seconds=40)
    assert [each.waited for each in in_order(board.snapshot(later).queues, {}, later)] == [40]


def test_who_is_called_back_has_the_place_of_when_she_called() -> None:
    board = switch()
    board.apply(joins("a", "front_desk", 1), NOW)
    tenths = round(NOW.timestamp() * 10)
    one = Booking("1.1", "1", "front_desk", "en", NOW, NOW, arrived=tenths - 10, id=1)
    booked = [
        one,
        replace(one, id=2, arrived=tenths + 10, skills=("yue",)),
        replace(one, id=3, skills=("fishing",)),
        replace(one, id=4, not_before=NOW + timedelta(seconds=1)),
        replace(one, id=5, state=State.DIALLING),
    ]
    found = in_order(board.snapshot(NOW).queues, {}, NOW, booked)
    assert [(each.id, each.line) for each in found] == [
        ("booking 1", "front_desk"),
        ("booking 3", "front_desk"),
        ("a", "front_desk"),
        ("booking 2", "front_desk+yue"),
    ]


def test_one_for_whom_somebody_stands_in_already_is_counted_once() -> None:
    board = switch()
    channel = "Local/0a1b@standing-in-00000001;1"
    stand_in = {**joins("s", "front_desk", 1), "Channel": channel, "CallerIDNum": "139"}
    board.apply(stand_in, NOW)
    hers = Booking("1.1", "139", "front_desk", "en", NOW, NOW, arrived=0, id=1)
    found = in_order(board.snapshot(NOW).queues, {}, NOW, [hers, replace(hers, id=2, number="1")])
    assert [each.id for each in found] == ["booking 2", "s"]


def seats(*events: dict[str, str], tempo: Tempo | None = None) -> list[Seat]:
    board = switch(MEMBER, {**MEMBER, **YUE, "Penalty": "3"})
    for event in events:
        board.apply(event, NOW)
    return at_work(board.posts(NOW), tempo or Tempo(), NOW)


PENALTIES = {"front_desk": 0, "front_desk+yue": 3}


def test_an_agent_is_one_seat_in_all_her_lines() -> None:
    assert seats() == [Seat(PENALTIES)]


@pytest.mark.parametrize("status_of_her", [{"Paused": "1"}, {"Status": "5"}])
def test_who_is_paused_or_gone_in_a_line_does_not_answer_it(status_of_her: dict[str, str]) -> None:
    gone = status(**status_of_her)
    assert seats(gone) == [Seat({"front_desk+yue": 3})]
    assert seats(gone, {**gone, **YUE}) == []


def test_who_is_paused_while_she_talks_does_not_come_back_after_it() -> None:
    paused = status(Status="2", InCall="1", Paused="1")
    assert seats(paused, {**paused, **YUE}) == []


def test_how_long_she_talks_is_known_of_whom_a_queue_gave_her() -> None:
    tempo = Tempo()
    connect = {"Event": "AgentConnect", "Interface": "PJSIP/1001", **YUE}
    tempo.apply(connect, NOW - timedelta(seconds=30))
    talks = status(Status="2", InCall="1", Penalty="3", **YUE)
    assert seats(talks, tempo=tempo) == [Seat(PENALTIES, ("front_desk+yue", 30.0))]
    assert seats(talks) == [Seat(PENALTIES, ("front_desk", 0.0))]


def test_her_breath_after_a_call_is_what_is_left_of_it() -> None:
    ended = str(round((NOW - timedelta(seconds=4)).timestamp()))
    (seat,) = seats(status(LastCall=ended, Wrapuptime="10"))
    assert (seat.rest, seat.wrap_up) == (6.0, 10.0)
    (seat,) = seats(status(LastCall="0", Wrapuptime="10"))
    assert (seat.rest, seat.wrap_up) == (0.0, 10.0)
