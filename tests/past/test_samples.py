from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.desk.ledger import Fate
from ivr.past.samples import EACH, Why, samples, week
from ivr.past.waits import Wait

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
SUNDAY = MONDAY + timedelta(days=7)
HOUR = timedelta(hours=1)


def talk(call: str, agent: str, after: timedelta = HOUR, caller: str = "", **other: object) -> Wait:
    fields = {"waited": 5.0, "talked": 60.0, "fate": Fate.ANSWERED, "desk": "d"} | other
    return Wait(call=call, caller=caller, began=MONDAY + after, agent=agent, **fields)  # type: ignore[arg-type]


def drawn(known: list[Wait], name: str = "2026-W48", each: int = EACH) -> list[str]:
    found = samples(known, {}, MONDAY, SUNDAY, name, each)
    return [sample.talk.call for sample in found if Why.DRAWN in sample.why]


def test_so_many_of_each_agent_are_drawn_and_all_of_one_who_had_fewer() -> None:
    known = [talk(f"a.{n}", "Ann") for n in range(40)] + [talk(f"b.{n}", "Bo") for n in range(2)]
    found = drawn(known, each=3)
    assert len([call for call in found if call[0] == "a"]) == 3
    assert sorted(call for call in found if call[0] == "b") == ["b.0", "b.1"]


def test_whoever_asks_gets_the_same_and_another_week_others() -> None:
    known = [talk(f"{n}.1", "Ann") for n in range(40)]
    assert drawn(known) == drawn(list(reversed(known)))
    assert drawn(known) != drawn(known, "2026-W49")


@given(st.integers(1, 30), st.integers(0, 29))
def test_a_talk_that_is_not_there_changes_nothing_about_the_others(count: int, gone: int) -> None:
    known = [talk(f"{n}.1", "Ann", HOUR * (n + 1)) for n in range(count)]
    fewer = [one for n, one in enumerate(known) if n != gone]
    left = set(drawn(known)) - {f"{gone}.1"}
    assert left <= set(drawn(fewer))


def test_every_talk_is_drawn_as_often_as_any_other() -> None:
    known = [talk(f"{n}.1", "Ann") for n in range(20)]
    times = dict.fromkeys((one.call for one in known), 0)
    for number in range(1000):
        for call in drawn(known, f"week {number}"):
            times[call] += 1
    # 250 each; the deviation is 14.
    assert all(180 < count < 320 for count in times.values()), times


def test_every_low_mark_is_a_sample_and_no_better_one() -> None:
    known = [talk(f"{n}.1", "Ann") for n in range(6)]
    marks = {f"{n}.1": n for n in range(1, 6)}
    found = samples(known, marks, MONDAY, SUNDAY, "w", each=0)
    assert {sample.talk.call: sample.mark for sample in found} == {"1.1": 1, "2.1": 2}
    assert all(sample.why == (Why.LOW_MARK,) for sample in found)


def test_a_talk_after_which_she_called_again_is_one() -> None:
    known = [
        talk("1.1", "Ann", HOUR, "139"),
        talk("1.1-2", "Bo", HOUR + timedelta(minutes=5), "139"),  # passed on: the same call
        talk("2.1", "Ann", 3 * HOUR, "139", fate=Fate.GAVE_UP),
        talk("3.1", "Cy", HOUR, "138"),
        talk("4.1", "Cy", 40 * HOUR, "138"),  # too late
        talk("5.1", "Di", HOUR, ""),
        talk("6.1", "Di", 2 * HOUR, ""),  # nobody knows whether it is she
    ]
    found = samples(known, {}, MONDAY, SUNDAY, "w", each=0)
    assert [(sample.talk.call, sample.why) for sample in found] == [
        ("1.1", (Why.CALLED_AGAIN,)),
        ("1.1-2", (Why.CALLED_AGAIN,)),
    ]


def test_who_calls_again_on_monday_counts_for_the_week_before() -> None:
    known = [talk("1.1", "Ann", 167 * HOUR, "139"), talk("2.1", "Ann", 170 * HOUR, "139")]
    (found,) = samples(known, {"1.1": 1}, MONDAY, SUNDAY, "w")
    assert found.talk.call == "1.1"
    assert found.why == (Why.DRAWN, Why.LOW_MARK, Why.CALLED_AGAIN)


def test_who_was_not_answered_is_no_sample() -> None:
    known = [talk("1.1", "", fate=fate) for fate in Fate if fate is not Fate.ANSWERED]
    assert samples(known, {"1.1": 1}, MONDAY, SUNDAY, "w") == []


def test_a_week_begins_on_monday() -> None:
    assert week("2026-W48") == (date(2026, 11, 23), date(2026, 11, 30))
    assert week("2020-W53") == (date(2020, 12, 28), date(2021, 1, 4))


@pytest.mark.parametrize(
    "text", ["", "2026-48", "2026-W60", "2026-W00", "48", "2026-11-23", "2026-W4"]
)
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        week(text)
