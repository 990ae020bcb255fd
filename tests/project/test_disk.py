"""The project's files on disk: all read, and all that is wrong told at once."""

from pathlib import Path

import pytest

from ivr import config
from ivr.config import Settings
from ivr.errors import FlowError, IvrError
from ivr.project import disk
from tests.stage import HOURS, PROMPTS, SERVICES
from tests.test_config import nothing_given, written

__all__ = ["nothing_given"]

FLOW = "flow: f\nlanguages: [cmn]\nstart: a\nnodes: {a: {say: hello}}\n"

DESKS = "desks: {desk: {members: [1001]}}\n"
AGENTS = "agents: {1001: {name: Li Na}}\n"


def a_project(tmp_path: Path, numbers: str = "{'1': f}", **flows: str | bytes) -> Settings:
    """Settings of a project with these flows, and one that is right unless another is given."""
    texts: dict[str, str | bytes] = {"services": SERVICES, "hours": HOURS, "f": FLOW, **flows}
    files = {f"flows/{name}.yaml": text for name, text in texts.items()}
    files |= {"prompts/p.yaml": PROMPTS, "desks.yaml": DESKS, "agents.yaml": AGENTS}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
    written(f"desks: desks.yaml\nagents: agents.yaml\nnumbers: {numbers}\n")
    return config.settings()


def problems(given: Settings) -> list[str]:
    """Return what is wrong with a project, which then cannot be loaded either."""
    found = disk.check(given).problems
    with pytest.raises(FlowError) as fault:
        disk.load(given)
    assert fault.value.problems == found
    return [str(problem) for problem in found]


def test_files_are_called_as_their_author_calls_them(tmp_path: Path) -> None:
    given = a_project(tmp_path, f="\ufeff" + FLOW, **{"f.test": "calls: []"})
    found = disk.check(given)
    assert found.problems == []
    assert set(found.texts) >= {"flows/f.yaml", "prompts/p.yaml", "desks.yaml", "ivr.yaml"}
    assert found.texts["flows/f.yaml"] == FLOW  # without the mark some editors begin with
    assert "flows/f.test.yaml" not in found.texts
    loaded, furniture = disk.load(given)
    assert (set(loaded.flows), set(loaded.queues)) == ({"f"}, {"desk"})
    assert list(furniture.agents) == ["1001"]


def test_every_file_that_cannot_be_read_is_a_problem_with_a_place(tmp_path: Path) -> None:
    given = a_project(tmp_path, gbk="flow: 余额".encode("gbk"))
    (tmp_path / "flows" / "folder.yaml").mkdir()
    (tmp_path / "flows" / "gone.yaml").symlink_to(tmp_path / "nowhere")
    said = problems(given)
    assert len(said) == 3
    for text, place in zip(said, ("folder.yaml:1:1", "gbk.yaml:1:7", "gone.yaml:1:1"), strict=True):
        assert text.startswith(f"flows/{place}: ")
        assert text.endswith("[unreadable]")


@pytest.mark.parametrize("setting", ["flows", "prompts", "desks", "agents"])
def test_what_is_not_where_the_settings_say_is_a_problem(tmp_path: Path, setting: str) -> None:
    a_project(tmp_path)
    wanted = "dseks.yaml" if setting in ("desks", "agents") else "flwos"
    said = problems(config.settings(**{setting: Path(wanted)}))
    assert any(text.startswith(f"{wanted}:1:1: ") and "[unreadable]" in text for text in said)


def test_a_number_that_leads_to_no_flow_gets_the_nearest(tmp_path: Path) -> None:
    hotline = FLOW.replace("flow: f", "flow: hotline")
    numbers = "{'1': f, '10086': hotlin, '10010': hotline}"
    assert problems(a_project(tmp_path, numbers, hotline=hotline)) == [
        "ivr.yaml:3:28: there is no flow 'hotlin'; did you mean 'hotline'? [no-such-flow]"
    ]


def test_a_promise_within_hours_there_are_not_gets_the_nearest(tmp_path: Path) -> None:
    given = a_project(tmp_path)
    promise = "{promise: {within: 1h}, hours: dask, members"
    (tmp_path / "desks.yaml").write_text(DESKS.replace("{members", promise))
    (told,) = problems(given)
    assert "there are no opening hours 'dask'; did you mean 'desk'?" in told
    assert told.startswith("desks.yaml:")


SENT = """
flow: g
languages: [cmn]
takes: [number]
start: a
nodes: {a: {say: hello}}
"""
AWAY = """
flow: h
languages: [cmn]
start: a
nodes: {a: {call: i}}
"""
QUEUED = """
flow: i
languages: [cmn]
start: a
nodes: {a: {queue: desk, answered: b, unanswered: b}, b: hangup}
"""


def test_a_code_leads_to_a_flow_that_takes_nothing_and_comes_back(tmp_path: Path) -> None:
    a_project(tmp_path, g=SENT, h=AWAY, i=QUEUED)
    with (tmp_path / "ivr.yaml").open("a") as file:
        file.write('sends: {"*70": g, "*71": h, "*72": ff, "*73": f}\n')
    assert [said for said in problems(config.settings()) if "ivr.yaml" in said] == [
        "ivr.yaml:4:16: flow 'g' takes number; an agent's code gives it nothing [not-given]",
        "ivr.yaml:4:26: 'i/a' leads to a person; a caller whom an agent sends comes back to her"
        " [leads-away]",
        "ivr.yaml:4:36: there is no flow 'ff'; did you mean 'f'? [no-such-flow]",
    ]


def test_no_number_is_two_things_and_no_desk_leads_to_a_flow_there_is_not(tmp_path: Path) -> None:
    given = a_project(tmp_path, "{'1': f, '1001': f, '801': f}")
    number = "{number: 801, flow: g, members"
    (tmp_path / "desks.yaml").write_text(DESKS.replace("{members", number))
    assert problems(given) == [
        "agents.yaml:1:10: 1001 is a number of the hotline (ivr.yaml) [number-taken]",
        "desks.yaml:1:24: 801 is a number of the hotline (ivr.yaml) [number-taken]",
        "desks.yaml:1:35: there is no flow 'g' [no-such-flow]",
    ]


def test_a_desk_that_flows_ask_too_much_of_is_told_with_its_place(tmp_path: Path) -> None:
    queue = "{queue: desk, skills: [$a, $b, $c], unanswered: q}"
    given = a_project(tmp_path, f=f"flow: f\nlanguages: [cmn]\nstart: q\nnodes: {{q: {queue}}}\n")
    skills = ", ".join(f"skill_{n}: 3" for n in range(10))
    (tmp_path / "agents.yaml").write_text(f"agents: {{1001: {{name: Ann, skills: {{{skills}}}}}}}")
    told = [problem for problem in problems(given) if "[too-many]" in problem]
    assert told == [
        "desks.yaml:1:9: flows ask for more than 64 sets of skills here,"
        " the most a desk can have lines for [too-many]"
    ]


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    broken = FLOW.replace("start: a", "start: b").replace("hello", "helo")
    given = a_project(tmp_path, "{'1': x}", f=broken, hours="desk: {open: always}")
    (tmp_path / "desks.yaml").write_text(DESKS.replace("[1001]", "[1002]"))
    said = "\n".join(problems(given))
    for rule in ("no-such-node", "no-such-prompt", "no-such-flow", "no-such-agent"):
        assert f"[{rule}]" in said
    assert "flows/hours.yaml:" in said


def test_a_folder_that_is_no_project_is_told() -> None:
    with pytest.raises(IvrError, match="go to the folder of the project, or name it by IVR_ROOT"):
        disk.check(config.settings())
