from datetime import timedelta
from pathlib import Path

import pytest

from ivr.errors import FlowError
from ivr.switch.desk_files import load, parse
from ivr.switch.desks import Desks
from ivr.switch.plan import HOME

SHIPPED = HOME / "asterisk-config"
AGENTS = "agents: {1001: {name: Li Na}}"


def mistakes(desks: str, agents: str = AGENTS) -> list[str]:
    found, problems = parse(("desks.yaml", desks), ("agents.yaml", agents))
    assert found is None
    return [str(problem) for problem in sorted(problems)]


def right(desks: str, agents: str = AGENTS) -> Desks:
    found, problems = parse(("desks.yaml", desks), ("agents.yaml", agents))
    assert found is not None, problems
    return found


def test_the_shipped_desks_have_three_agents_at_the_front_and_three_specialists() -> None:
    desks = load(SHIPPED / "desks.yaml", SHIPPED / "agents.yaml")
    front, roaming = desks.desks["front_desk"], desks.desks["roaming"]  # type: ignore[index]
    assert front.members == ("1001", "1002", "1003")
    assert roaming.members == ("1004", "1005", "1006")
    assert (front.ring_for, roaming.number) == (20, "801")
    assert roaming.promise is not None and roaming.promise.within == 3600
    assert desks.agents["1003"].skills == {"yue": 5, "en": 3}  # type: ignore[index]


def test_all_mistakes_are_told_at_once_with_their_places() -> None:
    desks = """\
desks:
  front_desk:
    strategy: longest
    ring_for: 20
    members: [1001, 1009, 1001]
  general: {members: [], promise: {within: 1m, first: me}}
"""
    agents = """\
agents:
  1001: {name: "Li, Na", skills: {cmn: 6, a+b: 5}}
  10x2: {nam: Wang}
"""
    told = mistakes(desks, agents)
    assert [problem.split(": ")[0] for problem in told] == [
        "agents.yaml:2:16",
        "agents.yaml:2:40",
        "agents.yaml:2:43",
        "agents.yaml:3:3",
        "agents.yaml:3:9",
        "agents.yaml:3:10",
        "desks.yaml:3:15",
        "desks.yaml:4:15",
        "desks.yaml:6:3",
        "desks.yaml:6:44",
        "desks.yaml:6:55",
    ]
    assert "at most 5 is expected here" in told[1]
    assert "did you mean 'name'?" in told[5]
    assert "did you mean 20s or 20m?" in told[7]


def test_members_must_be_agents_and_stand_once() -> None:
    assert mistakes("desks: {front_desk: {members: [1001, 1009, 1001]}}") == [
        "desks.yaml:1:38: there is no agent 1009; did you mean '1001'? [no-such-agent]",
        "desks.yaml:1:44: 1001 is already a member of front_desk [twice]",
    ]


@pytest.mark.parametrize("name", ["", "x\ny", "a;b", "a,b", 'a"b', "a<b>", "${X}", "x" * 61])
def test_a_name_that_would_break_the_switchs_files_is_refused(name: str) -> None:
    agents = f"agents: {{1001: {{name: {_quoted(name)}}}}}\n"
    assert "[bad-name]" in mistakes("desks: {}", agents)[0]


def test_a_supervisor_is_an_agent_who_is_named_so() -> None:
    agents = "agents: {1001: {name: Li Na, supervisor: false}, 1009: {name: Bo, supervisor: true}}"
    assert right("desks: {q: {members: [1001]}}", agents).supervisors == {"1009"}
    agents = "agents: {1001: {name: Li Na, supervisor: perhaps}}"
    (told,) = mistakes("desks: {q: {members: []}}", agents)
    assert told.startswith("agents.yaml:1:42: true or false is expected here")


def test_an_empty_or_missing_file_is_told(tmp_path: Path) -> None:
    assert "no desks" in mistakes("")[0]
    assert "no agents" in mistakes("desks: {}", "")[0]
    with pytest.raises(FlowError, match="No such file"):
        load(tmp_path / "desks.yaml", SHIPPED / "agents.yaml")


def test_a_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    file = tmp_path / "agents.yaml"
    file.write_bytes("agents: {1001: {name: 陈}}".encode("gbk"))
    with pytest.raises(FlowError, match="not UTF-8"):
        load(SHIPPED / "desks.yaml", file)


@pytest.mark.parametrize(
    ("desk", "told"),
    [
        ("promise: {within: 1h}", "a promise needs 'hours'"),
        ("flow: roaming_desk", "'flow' needs 'number'"),
        ("relax: {}", "neither 'every' nor 'anyone'"),
        ("relax: {anyone: 1m}", "no agent of 'q' has a skill"),
        ("number: 1001", "1001 is already an agent's number [number-taken]"),
        ("number: 801}, z: {members: [], number: 801", "801 is already the number of q"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_place(desk: str, told: str) -> None:
    (problem,) = mistakes(f"desks: {{q: {{members: [1001], {desk}}}}}")
    assert told in problem


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def test_a_desk_tells_whether_and_how_long_its_talks_are_recorded() -> None:
    desks = right(
        "desks: {a: {members: [1001], recording: {keep: 90d}}, b: {members: [1001]},"
        " c: {members: [1001], recording: {keep: 1d, announce: false}}}"
    )
    assert desks.recorded == {"a": True, "c": False}
    assert desks.kept == {"a": timedelta(days=90), "c": timedelta(days=1)}
    (told,) = mistakes("desks: {a: {members: [1001], recording: {announce: false}}}")
    assert "keep" in told
