from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.wire.agi_commands import (
    Command,
    Expression,
    answer,
    encode,
    execute,
    get_full_variable,
    get_variable,
    hangup,
    record_file,
    set_variable,
    setting,
    stream_file,
)
from ivr.wire.agi_events import LocalError
from tests.fake_asterisk import words

PLAIN = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029"), max_size=40
)


def taken_apart(command: Command) -> list[str]:
    assert command.endswith(b"\n")
    assert command.count(b"\n") == 1
    return words(command.decode()[:-1])


@pytest.mark.parametrize(
    "given_words",
    [
        ["ANSWER"],
        ["SET", "VARIABLE", "X", ""],
        ["SET", "VARIABLE", "X", " "],
        ["SET", "VARIABLE", "X", 'say "hi"'],
        ["SET", "VARIABLE", "X", "back\\slash"],
        ["SET", "VARIABLE", "X", '\\"'],
        ["SET", "VARIABLE", "X", "\\"],
        ["SET", "VARIABLE", "X", "王小明 陳"],
        ["SET", "VARIABLE", "X", "${CHANNEL(name)}"],
        ["X", "", "", "a", ""],
        ["X", *['"'] * 126],
    ],
)
def test_asterisk_reads_the_words_that_were_given(given_words: list[str]) -> None:
    assert taken_apart(encode(*given_words)) == given_words


@given(st.lists(PLAIN, max_size=20))
def test_asterisk_reads_any_words_that_were_given(more: list[str]) -> None:
    assert taken_apart(encode("EXEC", *more)) == ["EXEC", *more]


@pytest.mark.parametrize(
    "bad", ["\n", "\r", "\0", "\t", "\x1b", "\x7f", "\x85", "\u2028", "\ud800"]
)
def test_a_control_character_is_refused_and_the_word_named(bad: str) -> None:
    with pytest.raises(LocalError, match=r"word 4 of 4 .*U\+.* place 2"):
        encode("SET", "VARIABLE", "X", f"1{bad}EXEC System reboot")


def test_a_refusal_does_not_repeat_what_was_said() -> None:
    with pytest.raises(LocalError) as refused:
        encode("SET", "VARIABLE", "PIN", "735190\n")
    assert "735190" not in str(refused.value)


def test_no_word_is_no_command() -> None:
    for nothing in ([], [""], ["", "X"]):
        with pytest.raises(LocalError, match="first word"):
            encode(*nothing)


def test_127_words_are_taken_and_128_refused() -> None:
    assert len(taken_apart(encode(*["w"] * 127))) == 127
    with pytest.raises(LocalError, match="w has 128 words"):
        encode(*["w"] * 128)


def test_8191_bytes_are_taken_and_one_more_refused() -> None:
    assert len(encode("SET", "x" * 8186)) == 8191
    with pytest.raises(LocalError, match="word 2 of 3 ends at byte 8192"):
        encode("SET", "x" * 8187, "y")
    with pytest.raises(LocalError, match="word 2 of 2"):
        encode("SET", "余" * 2729)


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (answer(), "ANSWER"),
        (hangup(), "HANGUP"),
        (get_variable("TYPED"), "GET VARIABLE TYPED"),
        (get_variable(Expression("CALLERID(num)")), "GET VARIABLE CALLERID(num)"),
        (get_full_variable(Expression("${TYPED}")), "GET FULL VARIABLE ${TYPED}"),
        (set_variable("IVR_DONE", "1"), "SET VARIABLE IVR_DONE 1"),
        (set_variable("PATH_", "a b"), 'SET VARIABLE PATH_ "a b"'),
        (
            execute("Queue", Expression(setting({"A": "a b", "B": ""}) + "desk")),
            'EXEC Queue "${SET(A=a b):9999}${SET(B=):9999}desk"',
        ),
        (execute("NoOp"), "EXEC NoOp"),
        (execute("Queue", "front_desk", "", "", "", "180"), "EXEC Queue front_desk,,,,180"),
        (
            execute("Dial", Expression("PJSIP/1001&PJSIP/1002"), "30", Expression("b(say^x^1)")),
            "EXEC Dial PJSIP/1001&PJSIP/1002,30,b(say^x^1)",
        ),
        (stream_file("yue/welcome"), 'STREAM FILE yue/welcome "" 0'),
        (stream_file("en/a", keys="0123*#", offset=800), "STREAM FILE en/a 0123*# 800"),
        (
            record_file("m/1", "wav", keys="#", longest=timedelta(minutes=2)),
            "RECORD FILE m/1 wav # 120000 BEEP",
        ),
        (
            record_file(
                "m/1",
                "wav",
                keys="",
                longest=timedelta(seconds=1.5),
                silence=timedelta(seconds=3),
                beep=False,
            ),
            'RECORD FILE m/1 wav "" 1500 s=3',
        ),
    ],
)
def test_each_command_is_the_line_asterisk_knows(command: Command, line: str) -> None:
    assert command == f"{line}\n".encode()


@pytest.mark.parametrize("sly", [",", "|", "(", ")", "[", "]", '"', "'", "\\", "${X}", "&", "^"])
def test_what_would_split_an_argument_is_refused_unless_it_is_our_own(sly: str) -> None:
    with pytest.raises(LocalError, match=r"argument 2 of Queue has .* place 2"):
        execute("Queue", "front_desk", f"a{sly}")
    assert taken_apart(execute("Queue", "a", Expression(f"b{sly}")))[2] == f"a,b{sly}"


def test_our_own_expression_cannot_hold_a_line_break_either() -> None:
    with pytest.raises(LocalError):
        execute("Queue", Expression("a\nEXEC System reboot"))


@pytest.mark.parametrize("name", ["", "SHELL(id)", "A B", "1", "${X}", "é", "X" * 81, "X\n"])
def test_a_name_that_is_no_name_is_refused(name: str) -> None:
    for refused in (get_variable, execute):
        with pytest.raises(LocalError):
            refused(name)
    with pytest.raises(LocalError):
        set_variable(name, "1")


def test_what_cannot_be_played_or_recorded_is_refused() -> None:
    with pytest.raises(LocalError, match="keys are"):
        stream_file("a", keys="12 3")
    with pytest.raises(LocalError, match="-1 samples"):
        stream_file("a", offset=-1)
    with pytest.raises(LocalError, match="record for 0:00:00"):
        record_file("a", "wav", keys="#", longest=timedelta(0))
    with pytest.raises(LocalError, match=r"silence of 0:00:00\.5"):
        record_file("a", "wav", keys="", longest=timedelta(1), silence=timedelta(seconds=0.5))


@pytest.mark.parametrize("value", ["(a", "a)", "${A}", "$[1]", "{", "}"])
def test_no_value_ends_what_sets_it(value: str) -> None:
    with pytest.raises(LocalError, match="the value of A has"):
        setting({"A": value})
