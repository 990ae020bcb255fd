from datetime import UTC, datetime

import pytest

from ivr.desk.board import Board
from ivr.desk.ledger import Ledger, Sums
from ivr.desk.picture import picture
from ivr.desk.standin import may_be_dialled, stands_in

STANDING = "Local/0123456789abcdef@standing-in-0000002a;2"


def test_who_stands_in_is_known_by_the_name_of_the_channel() -> None:
    assert stands_in(STANDING)
    assert stands_in("Local/0123456789abcdef@calling-first-0000002a;1")
    assert not stands_in("PJSIP/callers-0000002a")
    assert not stands_in("Local/1795337617.12@whisper-0000002a;1")


def test_who_stands_in_is_no_caller_that_a_desk_was_offered() -> None:
    ledger = Ledger(["desk"])
    kinds = ("QueueCallerJoin", "AgentConnect", "QueueCallerLeave", "QueueCallerAbandon")
    for kind in kinds:
        event = {"Event": kind, "Queue": "desk", "Uniqueid": "1.2", "Channel": STANDING}
        ledger.apply(event, datetime(2026, 11, 23, tzinfo=UTC))
    assert ledger.sums() == {"desk": Sums()}


def test_who_stands_in_has_a_place_on_the_board_and_is_told_from_callers() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    board = Board(now)
    board.apply({"Event": "QueueParams", "Queue": "desk"}, now)
    board.apply({"Event": "QueueStatusComplete"}, now)
    for place, channel in enumerate((STANDING, "PJSIP/callers-00000001"), start=1):
        join = {"Event": "QueueCallerJoin", "Queue": "desk", "Channel": channel}
        board.apply({**join, "Uniqueid": f"1.{place}", "Position": str(place)}, now)
    (queue,) = board.snapshot(now).queues
    assert [(caller.position, caller.is_booked) for caller in queue.callers] == [
        (1, True),
        (2, False),
    ]
    desk = picture(board.snapshot(now), {}, {}).desks["desk"]
    assert desk["waiting"] == 1


@pytest.mark.parametrize("number", ["13800138000", "+85291234567", "10010"])
def test_a_number_is_digits(number: str) -> None:
    assert may_be_dialled(number)


@pytest.mark.parametrize(
    "number", ["", "12", "138 0013", "+", "1" * 21, "138@x", "１３８０", "1,2"]
)
def test_anything_else_is_none(number: str) -> None:
    assert not may_be_dialled(number)
