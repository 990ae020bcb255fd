from pathlib import Path

import pytest

from ivr.errors import FlowError
from ivr.switch.configure import HOME
from ivr.switch.desks import load, parse

SHIPPED = HOME / "asterisk-config" / "desks.yaml"


def mistakes(text: str) -> list[str]:
    desks, problems = parse("desks.yaml", text)
    assert desks is None
    return [str(problem) for problem in sorted(problems)]


def test_the_shipped_desks_have_three_agents_at_the_front_desk() -> None:
    desks = load(SHIPPED)
    assert [*desks.agents] == ["1001", "1002", "1003"]
    assert desks.queues["front_desk"].members == ("1001", "1002", "1003")  # type: ignore[index]
    assert desks.agents["1003"].name == "黃詠詩"  # type: ignore[index]
    assert desks.queues["front_desk"].ring_for == 20  # type: ignore[index]


def test_all_mistakes_are_told_at_once_with_their_places() -> None:
    text = """\
queues:
  front_desk:
    strategy: longest
    ring_for: 20
    members: [1001, 1009, 1001]
  general: {members: []}
agents:
  1001: {name: "Li, Na", languages: [cmn, fr]}
  10x2: {nam: Wang}
"""
    told = mistakes(text)
    assert [problem.split(": ")[0] for problem in told] == [
        "desks.yaml:3:15",
        "desks.yaml:4:15",
        "desks.yaml:6:3",
        "desks.yaml:8:16",
        "desks.yaml:8:43",
        "desks.yaml:9:3",
        "desks.yaml:9:9",
        "desks.yaml:9:10",
    ]
    assert "did you mean 20s or 20m?" in told[1]
    assert "did you mean 'name'?" in told[7]


def test_members_must_be_agents_and_stand_once() -> None:
    text = """\
queues: {front_desk: {members: [1001, 1009, 1001]}}
agents: {1001: {name: Li Na}}
"""
    assert mistakes(text) == [
        "desks.yaml:1:39: there is no agent 1009; did you mean '1001'? [no-such-agent]",
        "desks.yaml:1:45: 1001 is already a member of front_desk [twice]",
    ]


@pytest.mark.parametrize("name", ["", "x\ny", "a;b", "a,b", 'a"b', "a<b>", "${X}", "x" * 61])
def test_a_name_that_would_break_the_switchs_files_is_refused(name: str) -> None:
    text = f"queues: {{}}\nagents: {{1001: {{name: {_quoted(name)}}}}}\n"
    assert "[bad-name]" in mistakes(text)[0]


def test_a_promise_needs_hours_and_hours_a_promise() -> None:
    desk = "queues: {{q: {{members: [], {}}}}}\nagents: {{}}\n"
    for half in ("promise: 1h", "hours: always"):
        (told,) = mistakes(desk.format(half))
        assert "'promise' and 'hours' belong together" in told
    assert "at least 300" in mistakes(desk.format("promise: 1m, hours: always"))[0]
    desks, problems = parse("desks.yaml", desk.format("promise: 1h, hours: always"))
    assert desks is not None and not problems


def test_an_empty_or_missing_file_is_told(tmp_path: Path) -> None:
    assert "no queues" in mistakes("")[0]
    with pytest.raises(FlowError, match="No such file"):
        load(tmp_path / "desks.yaml")


def test_a_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    file = tmp_path / "desks.yaml"
    file.write_bytes("agents: {1001: {name: 陈}}".encode("gbk"))
    with pytest.raises(FlowError, match="not UTF-8"):
        load(file)


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
