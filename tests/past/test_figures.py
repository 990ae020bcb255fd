"""The figures of a desk, each with the calls behind it."""

from datetime import UTC, datetime, timedelta

from ivr.desk.ledger import Fate
from ivr.past.figures import AGAIN, Figure, figures
from ivr.past.marks import Mark
from ivr.past.waits import Wait

DAY = datetime(2026, 11, 25, tzinfo=UTC)
NEXT = DAY + timedelta(days=1)
LATER = DAY + timedelta(days=9)


def wait(
    call: str,
    *,
    at: float = 0,
    waited: float = 5,
    fate: Fate = Fate.ANSWERED,
    caller: str = "",
    desk: str = "front_desk",
    talked: float = 0,
) -> Wait:
    began = DAY + timedelta(hours=9, seconds=at)
    return Wait(call, caller or f"13{call}", desk, began, waited, talked, fate)


def of(*waits: Wait, now: datetime = LATER, wrap_up: float = 5) -> dict[str, Figure]:
    return figures(waits, "front_desk", wrap_up, DAY, NEXT, now)


def test_each_figure_names_the_calls_it_was_counted_from() -> None:
    found = of(wait("a"), wait("b", fate=Fate.GAVE_UP), wait("c", desk="roaming"))
    assert found["offered"] == Figure("waits", 2, 2, ("a", "b"))
    assert found["answered"] == Figure("waits", 1, 2, ("a",))
    assert found["gave_up"] == Figure("waits", 1, 2, ("b",))


def test_what_became_of_everybody_adds_up_to_the_offered() -> None:
    fates = [fate for fate in Fate if fate is not Fate.UNSEEN]
    found = of(*(wait(str(n), at=n, fate=fate) for n, fate in enumerate(fates * 2)))
    parts = [found[fate.value.replace(" ", "_")].value or 0 for fate in fates]
    assert sum(parts) == found["offered"].value == 2 * len(fates)


def test_a_service_level_is_the_share_of_the_offered_who_were_answered_in_time() -> None:
    found = of(
        wait("a", waited=15),
        wait("b", waited=15.001),
        wait("c", waited=30),
        wait("d", waited=1, fate=Fate.GAVE_UP),
    )
    assert [found[f"service_level_{s}"].value for s in (15, 20, 30)] == [0.25, 0.5, 0.75]
    assert found["service_level_20"].calls == ("a", "b")


def test_handling_is_talking_and_the_wrap_up_after_it() -> None:
    found = of(wait("a", talked=100), wait("b", talked=50), wait("c", fate=Fate.GAVE_UP), wrap_up=5)
    assert found["average_handling_time"] == Figure("seconds", 80.0, 2, ("a", "b"))


def test_where_nothing_was_counted_there_is_no_figure_and_not_a_nought() -> None:
    found = of()
    assert found["offered"].value == 0
    for name in ("service_level_15", "average_handling_time", "repeat_calls"):
        assert found[name].value is None


def test_who_calls_again_within_a_day_was_not_helped_the_first_time() -> None:
    first, second = wait("a", caller="139"), wait("b", at=3600, caller="139")
    found = of(first, second, wait("c", at=7200))
    assert found["repeat_calls"] == Figure("share", 0.3333, 3, ("b",))
    assert found["first_call_resolution"].calls == ("b", "c")


def test_a_second_wait_of_one_call_is_no_repeat() -> None:
    found = of(wait("a", caller="139"), wait("a", at=60, caller="139"))
    assert found["repeat_calls"].value == 0
    assert found["first_call_resolution"].value == 1


def test_a_call_that_was_passed_on_is_one_call_and_no_repeat() -> None:
    found = of(wait("c.1", caller="139"), wait("c.1-2", at=60, caller="139"))
    assert found["repeat_calls"].value == 0
    assert found["first_call_resolution"].value == 1


def test_a_call_within_the_day_before_is_a_repeat_and_an_older_one_is_not() -> None:
    before = AGAIN.total_seconds()
    for seconds, share in ((before - 1, 1.0), (before + 1, 0.0)):
        earlier = wait("a", at=-seconds, caller="139")
        assert of(earlier, wait("b", caller="139"))["repeat_calls"].value == share


def test_of_a_call_less_than_a_day_ago_nobody_knows_whether_it_helped() -> None:
    ended = wait("a").ended
    assert of(wait("a"), now=ended + AGAIN - timedelta(seconds=1))[
        "first_call_resolution"
    ] == Figure("share", None, 0, ())
    assert of(wait("a"), now=ended + AGAIN)["first_call_resolution"].value == 1


def test_who_hides_her_number_is_nobodys_repeat() -> None:
    one, other = wait("a"), wait("b", at=60)
    hidden = [Wait(w.call, "", w.desk, w.began, w.waited, w.talked, w.fate) for w in (one, other)]
    assert of(*hidden)["repeat_calls"] == Figure("share", None, 0, ())


def test_the_mean_mark_is_of_those_who_gave_one_for_this_desk() -> None:
    def mark(call: str, mark: int, desk: str = "front_desk") -> Mark:
        return Mark(call, f"13{call}", desk, "Li Na", DAY + timedelta(hours=9), mark)

    waits = (wait("a"), wait("b"), wait("c"), wait("d", fate=Fate.GAVE_UP))
    marks = (mark("a", 5), mark("b", 2), mark("c", 1, "roaming"), mark("elsewhere", 1))
    found = figures(waits, "front_desk", 5, DAY, NEXT, LATER, marks)
    assert found["mean_mark"] == Figure("mark", 3.5, 3, ("a", "b"))
    assert of(*waits)["mean_mark"] == Figure("mark", None, 3, ())
