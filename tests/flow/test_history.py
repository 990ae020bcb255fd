"""The history of what serves: decisions in, how things stand out."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.history import Act, Decision, Standing, is_tried_on, standing

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACTS: tuple[Act, ...] = ("publish", "canary", "promote", "rollback", "withdraw")


def after(*decisions: tuple[Act, str]) -> Standing:
    """How things stand after these decisions about versions."""
    return standing(decision(n, act, version) for n, (act, version) in enumerate(decisions, 1))


def decision(number: int, act: Act, version: str, share: int = 5) -> Decision:
    return Decision(number, version, act, "so", "ada", NOON, share if act == "canary" else 0)


def test_before_anything_is_published_nothing_serves() -> None:
    now = after()
    assert (now.stable, now.before, now.canary, now.last) == (None, None, None, 0)


def test_what_is_published_last_serves_and_the_one_before_can_be_come_back_to() -> None:
    now = after(("publish", "a"), ("publish", "b"))
    assert (now.stable, now.before, now.last) == ("b", "a", 2)
    assert now.states == {"a": "superseded", "b": "serves"}


def test_two_rollbacks_go_two_versions_back() -> None:
    three: tuple[tuple[Act, str], ...] = (("publish", "a"), ("publish", "b"), ("publish", "c"))
    once = after(*three, ("rollback", "b"))
    assert (once.stable, once.before) == ("b", "a")
    twice = after(*three, ("rollback", "b"), ("rollback", "a"))
    assert (twice.stable, twice.before) == ("a", None)
    assert twice.states == {"a": "serves", "b": "rolled back: so", "c": "rolled back: so"}


def test_a_version_that_was_rolled_back_can_be_named_again() -> None:
    now = after(("publish", "a"), ("publish", "b"), ("rollback", "a"), ("rollback", "b"))
    assert (now.stable, now.before) == ("b", "a")
    assert now.states == {"a": "superseded", "b": "serves"}


def test_a_canary_changes_nothing_but_its_own_share() -> None:
    now = after(("publish", "a"), ("canary", "b"))
    assert now.stable == "a"
    assert now.canary and (now.canary.version, now.canary.share) == ("b", 5)
    assert now.states == {"a": "serves", "b": "canary 5%"}


def test_a_canary_can_be_promoted_withdrawn_and_superseded() -> None:
    tried: tuple[tuple[Act, str], ...] = (("publish", "a"), ("canary", "b"))
    promoted = after(*tried, ("promote", "b"))
    assert (promoted.stable, promoted.before, promoted.canary) == ("b", "a", None)
    withdrawn = after(*tried, ("withdraw", "b"))
    assert (withdrawn.stable, withdrawn.canary) == ("a", None)
    assert withdrawn.states["b"] == "withdrawn: so"
    other = after(*tried, ("canary", "c"))
    assert other.canary and other.canary.version == "c"
    assert other.states == {"a": "serves", "b": "superseded", "c": "canary 5%"}
    assert after(*tried, ("publish", "c")).states["b"] == "superseded"


decisions = st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from("abcd")), max_size=20)


@given(decisions)
def test_whatever_is_decided_at_most_one_serves_and_at_most_one_is_tried(
    given: list[tuple[Act, str]],
) -> None:
    now = after(*given)
    assert len(set(now.line)) == len(now.line)
    assert [name for name, state in now.states.items() if state == "serves"] in ([], [now.stable])
    tried = [name for name, state in now.states.items() if state.startswith("canary")]
    assert len(tried) <= 1
    assert not tried or (now.canary and tried == [now.canary.version])


@given(st.integers(1, 99), st.integers(1, 1000))
def test_a_canary_gets_its_share_of_calls(share: int, number: int) -> None:
    canary = decision(number, "canary", "b", share)
    calls = [f"1795571655.{n}" for n in range(2000)]
    tried = sum(is_tried_on(canary, call) for call in calls)
    spread = (2000 * share * (100 - share)) ** 0.5 / 100
    assert abs(tried - 20 * share) < 5 * spread


def test_a_call_is_led_alike_by_every_controller_and_another_canary_has_other_calls() -> None:
    first, second = decision(3, "canary", "b", 50), decision(7, "canary", "c", 50)
    calls = [f"call.{n}" for n in range(100)]
    assert [is_tried_on(first, call) for call in calls] == [is_tried_on(first, c) for c in calls]
    assert [is_tried_on(first, call) for call in calls] != [is_tried_on(second, c) for c in calls]
