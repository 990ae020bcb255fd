"""Each kind's own page: its docstring's example is read, and its outcomes lead where they say."""

import inspect
from datetime import UTC, datetime
from textwrap import dedent

import pytest

from ivr.flow.effects import Queued
from ivr.flow.fitting import fit
from ivr.flow.node import KINDS
from ivr.flow.record import CallRecord
from ivr.flow.services import Failed, Found, Missing
from ivr.flow.source import Mapping, Text, plain, read
from ivr.line.script import HANG_UP, ScriptLine
from tests.stage import Ledger, load, path, play


def examples(kind: str) -> list[tuple[str, object]]:
    doc = inspect.getdoc(KINDS[kind]) or ""
    tree, problems = read("doc", dedent(doc.rpartition("\n\n")[2]))
    assert isinstance(tree, Mapping) and not problems
    return [(name, entry) for name, (_, entry) in tree.entries.items()]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_example_in_the_docstring_is_right(kind: str) -> None:
    assert examples(kind)
    for name, entry in examples(kind):
        if isinstance(entry, Text):
            assert entry.value == kind
            continue
        assert isinstance(entry, Mapping), name
        node, problems = fit(entry, KINDS[kind], kind)
        assert node is not None, (name, problems, plain(entry))


def test_the_kinds_are_those_of_the_language() -> None:
    assert set(KINDS) == {
        "announcements", "branch", "call", "callback", "collect", "dial", "hangup", "hours",
        "language", "lookup", "menu", "queue", "record", "say", "send", "set",
    }  # fmt: skip


def one(node: str, line: ScriptLine | None = None, ledger: Ledger | None = None) -> CallRecord:
    """Play one node whose outcomes each lead to a node of the same name."""
    names = [
        "go", "left", "found", "missing", "failed", "answered", "unanswered", "busy", "closed",
        "full", "open", "holiday", "otherwise", "silent",
    ]  # fmt: skip
    ends = "\n".join(f"  {name}: hangup" for name in names if f": {name}" in node)
    flow = f"flow: f\nlanguages: [cmn]\nstart: it\nnodes:\n  it: {node}\n{ends}"
    return play(load(flow), line or ScriptLine([]), ledger=ledger)


LOOKUP = (
    "{lookup: billing.balance, using: {number: $caller.number}, into: x, "
    "found: found, missing: missing, failed: failed}"
)


@pytest.mark.parametrize(
    ("answer", "end"), [(Found({}), "found"), (Missing(), "missing"), (Failed("x"), "failed")]
)
def test_lookup_goes_by_the_answer(answer: Found | Missing | Failed, end: str) -> None:
    assert path(one(LOOKUP, ledger=Ledger(answer)))[-1] == end


@pytest.mark.parametrize("outcome", ["answered", "unanswered", "closed", "full"])
def test_queue_goes_by_how_the_wait_ended(outcome: str) -> None:
    node = (
        "{queue: desk, longest: 9s, answered: answered, unanswered: unanswered, "
        "closed: closed, full: full}"
    )
    line = ScriptLine([], queued=Queued(outcome))  # type: ignore[arg-type]
    assert path(one(node, line))[-1] == outcome


@pytest.mark.parametrize("outcome", ["unanswered", "closed", "full"])
def test_queue_needs_only_one_way_for_nobody(outcome: str) -> None:
    line = ScriptLine([], queued=Queued(outcome))  # type: ignore[arg-type]
    assert path(one("{queue: desk, unanswered: unanswered}", line))[-1] == "unanswered"


@pytest.mark.parametrize("outcome", ["answered", "busy", "unanswered", "failed"])
def test_dial_goes_by_what_became_of_it(outcome: str) -> None:
    node = '{dial: "1001", answered: answered, busy: busy, unanswered: unanswered, failed: failed}'
    line = ScriptLine([], dialled=outcome)  # type: ignore[arg-type]
    assert path(one(node, line))[-1] == outcome


def test_record_keeps_the_message_and_tells_silence() -> None:
    node = "{record: hello, into: message, go: go, silent: silent}"
    assert path(one(node))[-1] == "go"
    assert path(one(node, ScriptLine([], silent_recording=True)))[-1] == "silent"


def test_branch_goes_by_what_a_variable_holds() -> None:
    node = '{branch: $caller.number, cases: {"13800138000": found}, otherwise: otherwise}'
    assert path(one(node))[-1] == "found"
    assert path(one(node.replace("13800138000", "")))[-1] == "otherwise"


def test_set_reads_all_before_it_keeps_any() -> None:
    flow = """
    flow: f
    languages: [cmn]
    start: a
    nodes:
      a: {set: {x: "1", y: "2"}, go: b}
      b: {set: {x: $y, y: $x}, go: c}
      c: {say: [{number_is: {number: $x}}, {number_is: {number: $y}}]}
    """
    line = ScriptLine([])
    play(load(flow), line)
    assert line.heard == ["是二。", "是幺。"]


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (datetime(2026, 11, 20, 7, 0, tzinfo=UTC), "open"),
        (datetime(2026, 11, 20, 15, 0, tzinfo=UTC), "closed"),
        (datetime(2026, 10, 1, 7, 0, tzinfo=UTC), "holiday"),
    ],
)
def test_hours_go_by_the_clock_of_the_desk(now: datetime, state: str) -> None:
    flow = load(
        "flow: f\nlanguages: [cmn]\nstart: a\nnodes:\n"
        "  a: {hours: desk, open: b, closed: b}\n  b: hangup"
    )
    assert flow.hours["desk"].state(now) == state


def test_call_comes_back_by_the_outcome_and_brings_what_was_given() -> None:
    outer = """
    flow: f
    languages: [cmn, en]
    start: a
    anywhere: {0: c}
    nodes:
      a: {call: g, with: {number: $caller.number}, into: mark, good: b, go: c}
      b: {say: {number_is: {number: $mark}}, go: c}
      c: hangup
    """
    inner = """
    flow: g
    languages: [cmn, en]
    takes: [number]
    gives: mark
    outcomes: [good, bad]
    start: a
    nodes:
      a: {menu: ask, keys: {1: keep, 2: bad}, otherwise: bad}
      keep: {set: {mark: $number}, go: good}
    """
    line = ScriptLine(["1"])
    record = play(load(outer, inner), line)
    assert path(record) == ["a", "g/a", "g/keep", "b", "c"]
    assert line.heard[-1] == "是幺三八零零幺三八零零零。"
    assert path(play(load(outer, inner), ScriptLine(["2"]))) == ["a", "g/a", "c"]
    # A key of the calling flow's anywhere leaves the sub-flow.
    assert path(play(load(outer, inner), ScriptLine(["0"]))) == ["a", "g/a", "c"]


def test_a_language_is_chosen_or_the_first_is_kept() -> None:
    flow = """
    flow: f
    languages: [cmn, yue, en]
    start: a
    nodes:
      a: {language: ask, keys: {1: cmn, 2: yue, 3: en}, go: b}
      b: {say: hello}
    """
    line = ScriptLine(["3"])
    assert play(load(flow), line).language == "en"
    assert line.heard == ["请按一。", "Hello, goodbye."]
    silent = ScriptLine([])
    assert play(load(flow), silent).language == "cmn"
    assert silent.heard == ["请按一。", "請撳一。", "Press one."] * 2 + ["您好，再见。"]


MENU = """
flow: f
languages: [cmn]
start: a
nodes:
  a: {menu: ask, keys: {1: b, 12: c, 2: d}, otherwise: e, tries: 2}
  b: hangup
  c: hangup
  d: hangup
  e: hangup
"""


@pytest.mark.parametrize(
    ("keys", "node"),
    [(["1"], "b"), (["12"], "c"), (["2"], "d"), (["7", "2"], "d"), (["7", "7"], "e"), ([], "e")],
)
def test_a_menu_takes_keys_of_different_length(keys: list[str], node: str) -> None:
    assert path(play(load(MENU), ScriptLine(keys)))[-1] == node


def test_a_menu_does_not_wait_when_no_other_key_could_follow() -> None:
    line = ScriptLine(["2", HANG_UP])
    assert play(load(MENU), line).outcome == "finished"
