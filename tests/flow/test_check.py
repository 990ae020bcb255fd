"""Mistakes as files: tests/mistakes/NAME.yaml holds them, NAME.out what is said of them."""

import pytest

from ivr.errors import render
from tests.stage import PROMPTS, ROOT, SERVICES, read, shipped

CASES = sorted((ROOT / "tests" / "mistakes").glob("*.yaml"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_every_mistake_is_shown_at_once_with_its_place(case) -> None:  # type: ignore[no-untyped-def]
    text = case.read_text()
    _, problems = read(text)
    shown = render(problems, {"flows/0.yaml": text, "prompts/p.yaml": PROMPTS})
    assert shown + "\n" == case.with_suffix(".out").read_text()


def test_there_are_mistakes_to_show() -> None:
    assert len(CASES) >= 5
    assert "billing" in SERVICES


def test_the_shipped_flows_have_no_mistakes() -> None:
    assert "hotline" in shipped().flows


def test_a_prompt_without_a_language_is_told_at_the_prompt() -> None:
    flow = "flow: f\nlanguages: [cmn, yue]\nstart: a\nnodes: {a: {say: hi}}\n"
    _, problems = read(flow, prompts="hi: {cmn: 您好。}\n")
    assert [str(p) for p in problems] == [
        "prompts/p.yaml:1:1: 'hi' has no Cantonese text; callers would hear silence "
        "[prompt-missing]"
    ]


@pytest.mark.parametrize(
    ("prompts", "rule"),
    [
        ("hi: {cmn: '余额{amount:mony}'}", "bad-value"),
        ("hi: {cmn: '余额{amount'}", "bad-value"),
        ("hi: {cmn: '有{n:count}线路'}", "bad-value"),
        ("hi: {cmn: '有{n:count line}'}", "bad-value"),
        ("hi: {cmn: '余额{amount:money EUR}'}", "bad-value"),
        ("hi: {cmn: '到{until:date 日}'}", "bad-value"),
        ("hi: {cmm: 您好}", "no-such-language"),
        ("hi: 您好", "wrong-shape"),
        ("hi: {cmn: ''}", "wrong-shape"),
        ("hi: {cmn: a}\nhi: {cmn: b}", "twice"),
        ("1x: {cmn: a}", "bad-name"),
        ("- a", "wrong-shape"),
    ],
)
def test_mistakes_in_prompts_have_their_place(prompts: str, rule: str) -> None:
    _, problems = read("flow: f\nlanguages: [cmn]\nstart: a\nnodes: {a: hangup}", prompts=prompts)
    assert rule in [p.rule for p in problems if p.where.file == "prompts/p.yaml"]


def test_a_wrong_argument_of_a_value_is_told_with_what_is_expected() -> None:
    prompts = "hi:\n  cmn: 有{n:count 条}。\n  en: You have {n:count 条}.\n"
    _, problems = read("flow: f\nlanguages: [cmn]\nstart: a\nnodes: {a: hangup}", prompts=prompts)
    (problem,) = problems
    assert str(problem).startswith("prompts/p.yaml:3:7: '{n:count 条}': '条' is not the noun")
    assert "{n:count line}" in problem.message


def test_a_value_is_spoken_only_as_what_it_can_be() -> None:
    flow = "flow: f\nlanguages: [cmn]\nstart: a\nnodes: {a: {say: {hi: {n: 三}}}}"
    _, problems = read(flow, prompts="hi: {cmn: '有{n:number}天，{n:count 条}。'}")
    assert [problem.rule for problem in problems] == ["wrong-kind"] * 2


def test_two_flows_of_one_name_are_a_mistake() -> None:
    flow = "flow: f\nlanguages: [cmn]\nstart: a\nnodes: {a: hangup}"
    _, problems = read(flow, flow)
    assert [p.rule for p in problems] == ["twice"]


def test_sub_flows_are_checked_against_those_who_call_them() -> None:
    outer = """
        flow: f
        languages: [cmn, en]
        start: a
        nodes:
          a: {call: g, with: {extra: x}, into: mark, good: b, bad: b}
          b: {say: {number_is: {number: $mark}}}
    """
    inner = """
        flow: g
        languages: [cmn]
        takes: [number]
        gives: mark
        outcomes: [good]
        start: a
        nodes:
          a: {set: {mark: $number}, go: good}
    """
    _, problems = read(outer, inner)
    assert sorted((p.rule, p.message) for p in problems) == [
        ("argument-missing", "'g' needs 'number' under 'with'"),
        ("no-such-language", "'g' does not speak English; callers would be lost"),
        ("unknown-argument", "'g' takes no 'extra'"),
        ("unknown-key", "'g' has no outcome 'bad'"),
    ]
