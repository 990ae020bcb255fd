"""Rules where several flows meet; of one flow alone docs/checks.md has the examples."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

from bench.check import flow as many
from bench.check import read as many_read
from ivr.flow import check
from ivr.flow.limits import Limits, MenuWithin, PersonWithin
from tests.stage import PROMPTS, read

TEXTS = PROMPTS + "two: {cmn: '请按一，或者二。', en: 'Press one or two.'}\n"


T = TypeVar("T")


def steps(work: Callable[[], T]) -> tuple[int, T]:
    """Return how many functions some work calls, however busy the machine is; and what it made."""
    count = 0

    def counted(_frame: FrameType, event: str, _of: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        made = work()
    finally:
        sys.setprofile(None)
    return count, made


def told(*flows: str, prompts: str = TEXTS) -> list[tuple[str, str]]:
    """Return the rule and the message of each mistake of these flows."""
    return [(p.rule, p.message) for p in read(*flows, prompts=prompts)[1]]


def flow(name: str, nodes: str, top: str = "") -> str:
    lines = "".join(f"  {line.strip()}\n" for line in nodes.strip().splitlines())
    return f"flow: {name}\nlanguages: [cmn]\nstart: a\n{top}nodes:\n{lines}"


def test_a_sub_flow_is_as_far_from_a_person_as_what_is_around_it() -> None:
    outer = flow("f", "a: {call: g, go: b}\nb: {queue: desk, unanswered: bye}\nbye: {say: hello}")
    inner = flow("g", "a: {menu: ask, keys: {1: c}, otherwise: c, wait: 50s}\nc: {say: hello}")
    assert told(outer, inner) == []
    far = inner.replace("c: {say: hello}", "c: {collect: ask, digits: 9, into: x, otherwise: d}\n")
    far += "  d: {call: h}\n"
    slow = flow("h", "a: {collect: ask, digits: 9, into: x, otherwise: a, wait: 60s}")
    said = [message for rule, message in told(outer, far, slow) if rule == "far-from-a-person"]
    assert len(said) == 3 and all("9 keys" in message or "10 keys" in message for message in said)


def test_a_key_of_who_calls_it_leads_to_a_person_from_inside_a_sub_flow() -> None:
    slow = flow("g", "a: {collect: ask, digits: 9, into: x, otherwise: b, wait: 60s}\nb: hangup")
    outer = "a: {call: g, go: b}\nb: {queue: desk, unanswered: c}\nc: {say: hello}"
    far = [rule for rule, _ in told(flow("f", outer), slow)]
    assert "far-from-a-person" in far
    near = [rule for rule, _ in told(flow("f", outer, "anywhere: {0: b}\n"), slow)]
    assert "far-from-a-person" not in near


def test_a_sub_flow_that_nobody_calls_keeps_nobody_from_a_person() -> None:
    outer = flow("f", "a: {call: g, go: q}\nq: {queue: desk, unanswered: q2}\nq2: {say: hello}")
    inner = flow("g", "a: {say: hello}")
    idle = flow("h", "a: {call: g, go: b}\nb: {call: g, go: out}", "outcomes: [out]\n")
    assert "far-from-a-person" not in [rule for rule, _ in told(outer, inner, idle)]


def test_a_person_inside_a_sub_flow_is_one() -> None:
    outer = flow("f", "a: {menu: ask, keys: {1: b}, otherwise: b}\nb: {call: g}")
    inner = flow("g", "a: {queue: desk, unanswered: b}\nb: {say: hello}")
    assert told(outer, inner) == []


def test_one_who_presses_nothing_comes_to_a_person_in_time() -> None:
    outer = flow("f", "a: {call: g, go: b}\nb: {queue: desk, unanswered: c}\nc: {say: hello}")
    inner = flow("g", "a: {menu: ask, keys: {1: b}, otherwise: b, wait: 20s}\nb: {say: hello}")
    assert told(outer, inner) == []
    slow = inner.replace("wait: 20s", "wait: 60s")
    said = [message for rule, message in told(outer, slow) if rule == "far-from-a-person"]
    # Three times a minute, in the flow that waits and in the one that calls it.
    assert len(said) == 2
    assert all("who presses nothing needs 18" in message for message in said)


def test_where_silence_leads_to_nobody_it_is_not_measured() -> None:
    nodes = """a: {menu: ask, keys: {1: b}, otherwise: c, wait: 60s}
        b: {queue: desk, unanswered: c}
        c: {say: hello}"""
    assert "far-from-a-person" not in [rule for rule, _ in told(flow("f", nodes))]


def test_the_limits_are_those_of_the_settings() -> None:
    nodes = """a: {menu: two, keys: {1: b, 2: b}, otherwise: b}
        b: {queue: desk, unanswered: c}
        c: {say: hello}"""
    loaded, problems = read(flow("f", nodes), prompts=TEXTS)
    assert problems == []
    strict = Limits(person=PersonWithin(seconds=1), menu=MenuWithin(choices=1))
    rules = {problem.rule for problem in check.check(loaded, strict)}
    assert rules == {"far-from-a-person", "long-menu"}


def test_a_silent_caller_goes_round_through_a_sub_flow_too() -> None:
    outer = flow("f", "a: {call: g, go: a, done: b}\nb: {say: hello}")
    inner = flow(
        "g", "a: {menu: ask, keys: {1: done}, otherwise: b}\nb: {say: hello}", "outcomes: [done]\n"
    )
    assert [rule for rule, _ in told(outer, inner)] == ["endless-loop"]
    better = inner.replace("otherwise: b", "otherwise: done").replace(
        "keys: {1: done}", "keys: {1: b}"
    )
    assert told(outer, better) == []


def test_a_secret_is_followed_into_another_flow_and_back() -> None:
    outer = flow(
        "f",
        """a: {collect: ask, digits: 4, secret: true, into: pin, go: b, otherwise: e}
        b: {call: g, with: {number: $pin}, into: back, go: c}
        c: {set: {copy: $back}, go: d}
        d: {say: {number_is: {number: $copy}}}
        e: {say: hello}""",
    )
    inner = flow(
        "g", "a: {say: {number_is: {number: $number}}}", "takes: [number]\ngives: number\n"
    )
    assert [rule for rule, _ in told(outer, inner)] == ["secret-spoken", "secret-spoken"]


def test_a_branch_that_asks_whether_a_variable_is_filled_knows_it_behind() -> None:
    asks = flow(
        "f",
        """a: {collect: ask, digits: 4, into: x, go: b, otherwise: b}
        b: {branch: $x, cases: {"": d}, otherwise: c}
        c: {say: {number_is: {number: $x}}}
        d: {say: hello}""",
    )
    assert told(asks) == []
    assert told(asks.replace('"": d', '"1": d')) == [
        ("unset-variable", "nothing fills $x on the way the start → a → b"),
        ("unset-variable", "nothing fills $x on the way the start → a → b → c"),
    ]


def test_a_key_of_anywhere_comes_before_anything_is_filled() -> None:
    nodes = """a: {collect: ask, digits: 4, into: x, go: b, otherwise: c}
        b: {say: {number_is: {number: $x}}}
        c: {say: hello}"""
    assert told(flow("f", nodes)) == []
    assert told(flow("f", nodes, "anywhere: {0: b}\n")) == [
        ("unset-variable", "nothing fills $x on the way the key 0 → b")
    ]


def test_a_variable_that_a_thousand_nodes_lack_is_told_of_each_in_one_walk() -> None:
    def lacking(nodes: int) -> tuple[int, list[tuple[str, str]]]:
        says = "\n".join(
            f"n{i}: {{say: {{number_is: {{number: $x}}}}, go: n{i + 1}}}" for i in range(nodes)
        )
        asks = "a: {collect: ask, digits: 4, into: x, go: n0, otherwise: n0}"
        return steps(lambda: told(flow("f", f"{asks}\n{says}\nn{nodes}: hangup")))

    # Each look-up of the way by itself made this take ten seconds, and each message 8 kB.
    few, _ = lacking(250)
    count, found = lacking(1000)
    assert count < 6 * few
    assert len(found) == 1000
    assert found[-1][1].endswith(
        "the start → a → n0 → n1 → n2 → n3 → … → n994 → n995 → n996 → n997 → n998 → n999"
    )


def test_the_keys_of_who_calls_it_count_for_what_a_sub_flow_offers_and_hides() -> None:
    outer = flow("f", "a: {call: g}", 'anywhere: {2: again, "*": slower}\n')
    inner = flow("g", "a: {menu: two, keys: {1: b}, otherwise: b}\nb: {say: hello}")
    assert told(outer, inner) == []
    hiding = inner.replace("keys: {1: b}", "keys: {1: b, 2: b}").replace(
        "nodes:", 'anywhere: {"*": faster}\nnodes:'
    )
    assert [message for _, message in told(outer, hiding)] == [
        "the * here hides the * under 'anywhere' of 'f'",
        "the 2 here hides the 2 under 'anywhere' of 'f'",
    ]


def test_a_flow_that_calls_itself_is_told_and_nothing_hangs() -> None:
    rules = [rule for rule, _ in told(flow("f", "a: {call: f, go: b}\nb: {say: hello}"))]
    assert rules == ["endless-call"]


def test_no_name_of_a_flow_and_nodes_called_by_emoji_are_told() -> None:
    rules = {rule for rule, _ in told("languages: [cmn]\nstart: 😀\nnodes: {😀: {say: hello}}\n")}
    assert rules == {"missing-key", "bad-name"}


def test_four_times_as_many_nodes_with_mistakes_take_four_times_as_many_steps() -> None:
    def checked(nodes: int) -> int:
        project = many_read(many(nodes).replace("otherwise: find", "otherwise: fnid"))
        count, found = steps(lambda: check.check(project))
        assert len(found) == nodes / 4
        return count

    # It is 4.3 times; a single rule that compares each node with each makes it 5.
    assert checked(1200) < 4.7 * checked(300)
