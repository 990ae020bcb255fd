"""docs/flow.schema.json in the language server that editors use, as an author meets it."""

from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import pytest

from ivr.commands.schema import pages
from ivr.flow.node import KINDS, Header
from ivr.flow.schema import told
from tests.editor.place import ROOT, lacking
from tests.editor.server import Editor, running

SCHEMA = "docs/flow.schema.json"
FIRST_LINE = f"# yaml-language-server: $schema=../{SCHEMA}\n"
TOP = f"{FIRST_LINE}flow: f\nlanguages: [cmn]\nstart: a\nnodes:\n"
FLOWS = [
    path
    for path in sorted((ROOT / "flows").glob("*.yaml"))
    if "\nnodes:" in path.read_text(encoding="utf-8")
]


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    if reason := lacking():
        pytest.skip(reason)
    project = tmp_path_factory.mktemp("project")
    for name, text in pages().items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")
    (project / "flows").mkdir()
    with running(project / "flows") as server:
        yield server


def said(editor: Editor, node: str) -> list[str]:
    """Return what is marked in a flow with this node, which stands on line 6."""
    found = editor.complaints(f"{TOP}  {node}\n")
    assert {complaint.line for complaint in found} <= {6}
    return [complaint.message for complaint in found]


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.name)
def test_nothing_is_marked_in_a_shipped_flow(editor: Editor, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(FIRST_LINE)
    assert editor.complaints(text) == []


def test_nothing_is_marked_in_the_example_of_any_kind(editor: Editor) -> None:
    examples = dict.fromkeys(told(KINDS[kind])[1] for kind in sorted(KINDS))
    for example in examples:
        assert editor.complaints(f"{TOP}{indent(example, '  ')}\n") == [], example


@pytest.mark.parametrize(
    "node",
    [
        'a: {menu: x, keys: {1: b, "*": b, 12: c}, otherwise: b}',
        "菜单: {say: 问候, go: a}",
        "a: {dial: 1001, busy: a, failed: a, unanswered: a}",
        'a: {branch: $x, cases: {"": b, 13800138000: c, no: d}, otherwise: b}',
        "a: {say: [x, {y: {a: $b.c, d: 1}}]}",
        "a: {hours: desk, open: b, closed: no}",
        "a: {call: f, skipped: b}",
    ],
)
def test_what_may_be_written_is_not_marked(editor: Editor, node: str) -> None:
    assert said(editor, node) == []


@pytest.mark.parametrize(
    ("node", "message"),
    [
        ("a: {queue: d, unanswered: b, answred: b}", "Property answred is not allowed."),
        ("a: {menu: x, say: y, keys: {1: b}, otherwise: b}", "Property say is not allowed."),
        ("a: {queue: d}", 'Missing property "unanswered".'),
        (
            "a: {queue: d, longest: 60, unanswered: b}",
            "a time with its unit is expected here, such as 5s or 2m",
        ),
        ("a: {menu: x, keys: {A: b}, otherwise: b}", 'keys are 0–9, "*" and "#"'),
        ("a: {collect: x, digits: 6 to 9, into: y, otherwise: b}", "how many digits: a number"),
        ("a: {language: x, keys: {1: fr}}", "the languages are cmn, yue, en"),
        ("a: {branch: x, cases: {}, otherwise: b}", "a variable is written $name or $name.part"),
        ("a: {manu: x, keys: {1: b}}", "this names no kind of node; the kinds are branch,"),
        ("a: {}", "this names no kind of node; the kinds are branch,"),
        ("a: hangupp", "a node of one word is one of"),
        ("slower: hangup", "letters, digits, _ and -"),
    ],
)
def test_a_mistake_is_marked_once_and_in_our_words(editor: Editor, node: str, message: str) -> None:
    (marked,) = said(editor, node)
    assert marked.startswith(message)


def test_mistakes_at_the_top_are_marked_in_their_lines(editor: Editor) -> None:
    text = f"{FIRST_LINE}flow: f\nlangages: [cmn]\nspeeds: [40%]\nstart: a\nnodes: {{}}\n"
    assert [(found.line, found.message) for found in editor.complaints(text)] == [
        (2, 'Missing property "languages".'),
        (3, "Property langages is not allowed."),
        (4, "a speed is written as a percentage from 60% to 150%, such as 90%"),
    ]


def test_the_kinds_are_offered_for_a_node(editor: Editor) -> None:
    assert editor.offers(f"{TOP}  a:\n    |") == sorted(KINDS)


def test_the_fields_of_its_kind_and_no_others_are_offered_in_a_node(editor: Editor) -> None:
    offered = editor.offers(f"{TOP}  a:\n    menu: x\n    |")
    assert set(KINDS["menu"].model_fields) - {"menu"} <= set(offered)
    assert set(offered) <= set(KINDS["menu"].model_fields)


def test_what_may_stand_in_a_field_is_offered(editor: Editor) -> None:
    assert editor.offers(f"{FIRST_LINE}flow: f\nlanguages: [|]\n") == ["cmn", "yue", "en"]
    assert set(Header.model_fields) <= set(editor.offers(f"{FIRST_LINE}|"))


def test_the_name_of_a_field_shows_what_it_means(editor: Editor) -> None:
    shown = editor.hover(f"{TOP}  a:\n    queue: x\n    long|est: 5s\n    unanswered: b\n")
    assert "How long she waits. 1s to 2h." in shown


def test_the_verb_shows_what_the_caller_meets_with_an_example(editor: Editor) -> None:
    shown = editor.hover(f"{TOP}  a:\n    que|ue: x\n    unanswered: b\n")
    prose, example = told(KINDS["queue"])
    assert prose in shown and f"```yaml\n{example}\n```" in shown
