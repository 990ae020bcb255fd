"""Recorded talks: the names of their files, and what the record of a call tells of them."""

from datetime import timedelta

from ivr.past.tapes import BYTES_PER_SECOND, Reel, read_reel, reel, tape
from tests.past.test_waits import START, asked, call

KEEP = timedelta(days=30)
LATER = START + timedelta(hours=1)
FIRST = asked("queue", "front_desk", "unanswered", 0, 5000)
SECOND = asked("queue", "roaming+yue", "answered", 9000, 70_000, by="Li Na", talked=60_000)


def test_the_name_of_a_file_tells_call_wait_and_desk() -> None:
    name = reel("1764047000.12-2", 3, "漫游_desk")
    assert read_reel(name) == Reel("1764047000.12-2", 3, "漫游_desk")
    assert Reel("1764047000.12-2", 3, "漫游_desk").name == "1764047000.12-2_3"
    for other in ("a.raw", "../1_1@desk.raw", "1_1@de/sk.raw", "1_1@desk.wav"):
        assert read_reel(other) is None


def test_the_record_tells_who_answered_and_when() -> None:
    found = tape(Reel("c.1", 2, "roaming"), call(FIRST, SECOND), LATER, 2 * BYTES_PER_SECOND, KEEP)
    assert (found.name, found.caller, found.desk, found.agent) == (
        "c.1_2",
        "139",
        "roaming",
        "Li Na",
    )
    assert found.began == START + timedelta(seconds=10)
    assert (found.seconds, found.keep_until) == (2.0, found.began + KEEP)


def test_without_a_record_the_file_itself_tells_when() -> None:
    for known in (None, call(), call(FIRST)):
        found = tape(Reel("c.1", 1, "roaming"), known, LATER, 2 * BYTES_PER_SECOND, KEEP)
        assert (found.began, found.agent) == (LATER - timedelta(seconds=2), "")
