import pytest

from ivr.trial import calls
from tests.trial.scenes import project, trials

GOOD = """
flow: f
given: {caller: "1", agents: {desk: nobody}}
calls:
  - name: one
    given: {caller: "2"}
    does: [1, "*", hangup after 3s]
    hears: [ask, 余额]
    never: [wrong_key]
    ends: {queue: desk, node: bye, speed: 90%}
  - {name: two, ends: hangup}
"""


def mistakes(written: str) -> list[str]:
    found = calls.read("f.test.yaml", written, project())[1]
    return [str(problem) for problem in sorted(found)]


def test_what_is_given_to_all_calls_is_given_to_each() -> None:
    one, two = trials(GOOD)
    assert (one.given.caller, two.given.caller) == ("2", "1")
    assert one.given.agents == two.given.agents
    assert two.expected.ends.outcome == "finished"
    assert (one.where.line, one.where.column) == (5, 5)


def test_every_mistake_is_told_with_its_place_and_the_nearest_right_thing() -> None:
    assert mistakes("""
flow: f
given: {agents: {dsk: nobody}}
calls:
  - name: one
    dose: [1]
  - name: two
    does: [x]
    hears: [ask_shrt, 'no_such prompt']
    ends: {queue: desc, node: by, speed: 90}
""") == [
        "f.test.yaml:3:18: there is no queue 'dsk'; did you mean 'desk'? [no-such-queue]",
        "f.test.yaml:6:5: a call has no 'dose'; did you mean 'does'? [unknown-key]",
        "f.test.yaml:8:12: keys are expected here, or -, or hangup, each with its time if wanted: "
        "'1 after 3s', '1 at 12s', '1 during the words …'; this is 'x' [wrong-value]",
        "f.test.yaml:10:42: a speed is written as a percentage, such as 90%; "
        "did you mean 90%? [no-unit]",
    ]


def test_names_are_checked_when_all_else_is_right() -> None:
    assert mistakes("""
flow: f
calls:
  - {name: one, hears: [ask_shrt, 'no_such prompt', 余额], never: [wrong_kee]}
  - {name: one, ends: {queue: desc, node: by}}
""") == [
        "f.test.yaml:4:25: there is no prompt 'ask_shrt'; did you mean 'ask_short'? "
        "[no-such-prompt]",
        "f.test.yaml:4:66: there is no prompt 'wrong_kee'; did you mean 'wrong_key'? "
        "[no-such-prompt]",
        "f.test.yaml:5:12: there is a call 'one' already [twice]",
        "f.test.yaml:5:31: there is no queue 'desc'; did you mean 'desk'? [no-such-queue]",
        "f.test.yaml:5:43: there is no node 'by'; did you mean 'bye'? [no-such-node]",
    ]


def test_a_flow_that_is_not_there_is_the_only_thing_told() -> None:
    (told,) = mistakes("flow: g\ncalls: [{name: one, ends: {node: x}}]")
    assert "there is no flow 'g'" in told


@pytest.mark.parametrize(
    "written",
    [
        "",
        "[]",
        "x",
        "a: [",
        "flow: f",
        "flow: f\ncalls: []",
        "flow: f\ncalls: x",
        "flow: f\ncalls: [x]",
        "flow: f\ncalls: [{name: a, given: x}]",
        "flow: f\ngiven: []\ncalls: [{name: a}]",
    ],
)
def test_another_shape_is_told(written: str) -> None:
    assert mistakes(written)


@pytest.mark.parametrize("nothing", ["", " ", "\u3000"])
def test_nothing_is_not_heard(nothing: str) -> None:
    written = f"flow: f\ncalls:\n  - {{name: one, hears: [ask, '{nothing}'], never: ['{nothing}']}}"
    assert mistakes(written) == [
        f"f.test.yaml:3:{column}: a prompt id, or words that are heard, are expected here "
        "[wrong-value]"
        for column in (30, 43 + len(nothing))
    ]
