"""How often one may be wrong, and how fast one may ask."""

from ivr.web import guesses
from ivr.web.guesses import Guesses, Pace

HERE, THERE = "192.0.2.1", "192.0.2.2"


def wrong(counts: Guesses, times: int, name: str = "mei", address: str = HERE) -> list[bool]:
    return [counts.wrong(name, address, 0.0) for _ in range(times)]


def test_the_fifth_wrong_one_lets_the_next_wait_and_each_more_twice_as_long() -> None:
    counts = Guesses()
    assert wrong(counts, 4) == [False] * 4
    assert counts.wait("mei", HERE, 0.0) == 0
    waits = []
    for _ in range(8):
        assert wrong(counts, 1) == [True]
        waits.append(counts.wait("mei", HERE, 0.0))
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]
    assert counts.wait("mei", HERE, 899.0) == 1 and counts.wait("mei", HERE, 900.0) == 0


def test_who_knows_a_name_keeps_nobody_out_elsewhere() -> None:
    counts = Guesses()
    wrong(counts, 9)
    assert counts.wait("mei", THERE, 0.0) == 0
    assert counts.wait("ada", HERE, 0.0) == 0


def test_one_password_tried_on_all_names_waits_too() -> None:
    counts = Guesses()
    for n in range(30):
        wrong(counts, 1, f"user{n}")
    assert counts.wait("mei", HERE, 0.0) == 30
    assert counts.wait("mei", THERE, 0.0) == 0


def test_the_right_one_and_a_quarter_of_an_hour_make_it_good() -> None:
    counts = Guesses()
    wrong(counts, 4)
    counts.right("mei", HERE)
    assert wrong(counts, 4) == [False] * 4
    assert counts.wrong("mei", HERE, 901.0) is False


def test_no_more_is_counted_than_fits() -> None:
    counts, pace = Guesses(), Pace(1, 1)
    for n in range(guesses.MOST):
        wrong(counts, 1, f"user{n}", f"address{n}")
        pace.wait(f"address{n}", 0.0)
    assert len(counts._counts) == guesses.MOST == len(pace._left)


def test_a_bucket_empties_and_fills() -> None:
    pace = Pace(per_second=2, at_once=3)
    assert [pace.wait("mei", 0.0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert pace.wait("ada", 0.0) == 0
    assert pace.wait("mei", 0.5) == 0 and pace.wait("mei", 0.5) > 0
    assert [pace.wait("mei", 99.0) for _ in range(4)][:3] == [0, 0, 0]
