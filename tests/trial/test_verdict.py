import pytest

from ivr.trial import verdict
from tests.trial.scenes import AFTERWARDS, project, trials

CALL = """
flow: f
given: {{billing.balance: {{"13800138000": {{balance: 123.45}}}}}}
calls:
  - name: she hears her balance
    does: ["1", "*", "0"]
    {}
"""


def faults(expected: str) -> list[tuple[int, str]]:
    (trial,) = trials(CALL.format(expected))
    return [(f.index, f.message) for f in verdict.run(trial, project()).faults]


@pytest.mark.parametrize(
    "expected",
    [
        "hears: [ask, owed]",
        "hears: [请按一, 余额一百二十三元, 五分]",
        "hears: [owed, 余额, 四角]",
        "never: [ask_short, 没有]",
        "ends: {queue: desk, language: cmn, speed: 90%, node: bye, outcome: answered}",
    ],
)
def test_a_call_that_is_as_expected_has_no_fault(expected: str) -> None:
    assert not faults(expected)


@pytest.mark.parametrize(
    ("expected", "index", "message"),
    [
        ("hears: [ask, 余额一块]", 1, "from here on this is not heard: 余额一块"),
        ("hears: [owed, ask]", 3, "from here on this is not heard: ask; it is heard earlier"),
        ("hears: [四角, 余额]", 3, "from here on this is not heard: 余额"),
        ("hears: [ask, ask]", 1, "from here on this is not heard: ask; it is heard earlier"),
        ("never: [owed]", 2, "this must not be heard: owed"),
        ("ends: {speed: 75%}", 8, "expected at the end: speed 75%; it is 90%"),
        ("ends: {dial: '1'}", 8, "expected at the end: dial 1; it is none"),
        ("ends: hangup", 8, "expected at the end: outcome finished; it is answered"),
    ],
)
def test_what_was_not_as_expected_is_told_at_its_place(
    expected: str, index: int, message: str
) -> None:
    assert (index, message) in faults(expected)


def test_what_she_could_not_do_any_more_is_a_fault() -> None:
    (trial,) = trials(CALL.format("").replace('"0"]', '"0", "1", hangup]'))
    (fault,) = verdict.run(trial, project()).faults
    assert fault.message == "the call was over before she did '1', 'hangup'"


def test_a_call_that_fails_is_a_fault_unless_that_is_expected() -> None:
    broken = CALL.replace("balance: 123.45", "").replace(', "*", "0"', "")
    for ends, count in (("{}", 1), ("{outcome: failed}", 0)):
        (trial,) = trials(broken.format(f"ends: {ends}"))
        assert len(verdict.run(trial, project()).faults) == count


def test_a_text_message_is_expected_by_its_prompt() -> None:
    loaded = project(AFTERWARDS)
    texted, other = trials(
        "flow: f\ncalls:\n"
        "  - {name: a, does: ['1'], hears: [ask, hello]}\n"
        "  - {name: b, does: ['1'], hears: [ask, owed]}\n",
        loaded,
    )
    assert verdict.run(texted, loaded).passed and not verdict.run(other, loaded).passed
