import json
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.wire.agi_events import (
    ALWAYS_SENT,
    Preamble,
    RemoteError,
    Reply,
    read_reply,
    read_text,
    read_variable,
)
from tests.fake_asterisk import preamble

REPLIES = [
    ("200 result=0", "0", "", None),
    ("200 result=", "", "", None),
    ("200 result=-1", "-1", "", None),
    ("200 result=-2", "-2", "", None),
    ("200 result=12345#", "12345#", "", None),
    ("200 result= (timeout)", "", "timeout", None),
    ("200 result=123 (timeout)", "123", "timeout", None),
    ("200 result=1 (hangup)", "1", "hangup", None),
    ("200 result=1 ()", "1", "", None),
    ("200 result=1 (PJSIP/1001 is here)", "1", "PJSIP/1001 is here", None),
    ("200 result=1 (CALLERID(num))", "1", "CALLERID(num)", None),
    ("200 result=1 (()", "1", "(", None),
    ("200 result=1 ())", "1", ")", None),
    ("200 result=1 (x) endpos=7)", "1", "x) endpos=7", None),
    ("200 result=1 (200 result=0)", "1", "200 result=0", None),
    ("200 result=1 (余额 123.45 元)", "1", "余额 123.45 元", None),
    ("200 result=0 endpos=104000", "0", "", 104000),
    ("200 result=0 Gosub complete", "0", "", None),
    ("200 result=0 Gosub complete (abnormal exit)", "0", "", None),
    ("200 result=-1 Gosub label not found", "-1", "", None),
    ("200 result=49 endpos=8640", "49", "", 8640),
    ("200 result=-1 endpos=-1", "-1", "", -1),
    ("200 result=-1 (hangup) endpos=8000", "-1", "hangup", 8000),
    ("200 result=35 (dtmf) endpos=16000", "35", "dtmf", 16000),
    ("200 result=0 (timeout) endpos=16000", "0", "timeout", 16000),
    ("200 result=-1 (writefile)", "-1", "writefile", None),
]


@pytest.mark.parametrize(("line", "result", "note", "endpos"), REPLIES)
def test_a_reply_is_taken_apart(line: str, result: str, note: str, endpos: int | None) -> None:
    assert read_reply(line) == Reply(200, result, note, endpos, line)


@pytest.mark.parametrize(
    "line",
    [
        "510 Invalid or unknown command",
        "511 Command Not Permitted on a dead channel or intercept routine",
        "520 Invalid command syntax.  Proper usage not available.",
    ],
)
def test_a_refusal_is_a_reply_with_its_code(line: str) -> None:
    assert read_reply(line) == Reply(int(line[:3]), "", "", None, line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "200",
        "200 ",
        "200 OK",
        "200 result",
        "200 result=1 (no end",
        "200 result=1 note",
        "200 result=1 endpos=",
        "200 result=1 endpos=x",
        "200 result=1 endpos=٣",
        "200 result=1 endpos=" + "9" * 5000,
        "200  result=1",
        " 200 result=1",
        "404 not found",
        "٢٠٠ result=1",
        "HANGUP",
        "agi_context: callers",
    ],
)
def test_what_is_no_reply_is_refused_and_not_repeated(line: str) -> None:
    with pytest.raises(RemoteError, match=f"a line of {len(line)} characters") as refused:
        read_reply(line)
    assert len(line) < 6 or line not in str(refused.value)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])))
def test_the_value_of_a_variable_comes_back_whole(value: str) -> None:
    assert read_reply(f"200 result=1 ({value})").note == value


@given(st.binary(max_size=200))
def test_any_bytes_are_text_without_control_characters(raw: bytes) -> None:
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029]", read_text(raw))


def test_a_name_in_gbk_is_spoilt_but_read() -> None:
    assert read_text("张伟 Zhang".encode("gbk")).endswith(" Zhang")
    assert read_text("张伟".encode()) == "张伟"


def test_every_line_of_a_preamble_is_known() -> None:
    lines = preamble({"arg_1": "a: b", "arg_127": ""}).decode().splitlines()[:-1]
    read = dict(read_variable(line) for line in lines)
    assert set(read) == {*ALWAYS_SENT, "network_script", "arg_1", "arg_127"}
    assert read["arg_1"] == "a: b"
    assert read["accountcode"] == ""


@pytest.mark.parametrize(
    "line",
    ["HANGUP", "agi_callerid", "agi_callerid:x", "callerid: x", "agi_: x", "AGI_CALLERID: x"],
)
def test_a_line_without_a_name_is_refused(line: str) -> None:
    with pytest.raises(RemoteError, match="without 'agi_"):
        read_variable(line)


@pytest.mark.parametrize("name", ["password", "arg_0", "arg_128", "arg_01", "arg_", "callerid2"])
def test_a_name_asterisk_never_sends_is_refused(name: str) -> None:
    with pytest.raises(RemoteError, match=f"'agi_{name}', which Asterisk never sends"):
        read_variable(f"agi_{name}: x")


@pytest.mark.parametrize(
    ("asked", "script", "query"),
    [
        (None, "", {}),
        ("hotline", "hotline", {}),
        ("/hotline/", "hotline", {}),
        ("ivr?flow=main&from=10086", "ivr", {"flow": "main", "from": "10086"}),
        ("ivr?flow=a&flow=b&empty=", "ivr", {"flow": "a", "empty": ""}),
        ("ivr?name=%E4%BD%99+x%0Ay", "ivr", {"name": "余 x\ufffdy"}),
        ("?", "", {}),
        ("a?b?c=d", "a", {"b?c": "d"}),
    ],
)
def test_the_script_is_a_path_and_a_query(
    asked: str | None, script: str, query: dict[str, str]
) -> None:
    call = Preamble({} if asked is None else {"network_script": asked})
    assert (call.script, call.query) == (script, query)


PYST = """
import io, json, sys
from asterisk.agi import AGI, AGIException
agi = AGI(stdin=sys.stdin, stdout=io.StringIO(), stderr=io.StringIO())
print(json.dumps(agi.env))
for _ in range(int(sys.argv[1])):
    try:
        print(json.dumps(agi.get_result()["result"]))
    except AGIException as error:
        print(json.dumps(type(error).__name__))
"""


def pyst(*lines: str) -> list[object]:
    """What pyst2's AGI makes of the preamble, and then of each reply."""
    said = preamble().decode() + "".join(f"{line}\n" for line in lines)
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PYST, str(len(lines))],
        input=said.encode(),
        capture_output=True,
        check=True,
        timeout=30,
    )
    return [json.loads(line) for line in run.stdout.decode().splitlines()]


def test_pyst2_reads_the_same() -> None:
    values = ["x", "a b", "(a)", "a)b(", "13800138000", "余额", "1=2", "Queue(a,b)", "'\"\\"]
    lines = [f"200 result=1 ({value})" for value in values]
    # pyst2 loses an empty result and its note, and takes -1 and "(hangup)" for exceptions.
    lines += [
        line
        for line, result, note, _ in REPLIES
        if result not in ("", "-1") and note != "hangup" and "endpos" not in note
    ]
    refusals = ["510 Invalid or unknown command", "200 result=-1"]
    env, *theirs = pyst(*lines, *refusals)

    assert isinstance(env, dict)
    ours = dict(read_variable(line) for line in preamble().decode().splitlines()[:-1])
    assert {name.removeprefix("agi_"): value for name, value in env.items()} == ours
    replies = [read_reply(line) for line in lines]
    assert theirs[: len(lines)] == [[reply.result, reply.note] for reply in replies]
    assert theirs[len(lines) :] == ["AGIInvalidCommand", "AGIAppError"]
