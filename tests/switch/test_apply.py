"""What was applied is kept and read again; what changed is told; no queue goes with its callers."""

from pathlib import Path

from ivr.switch import applied
from ivr.switch.apply import kept
from ivr.switch.desk_files import parse
from ivr.switch.desks import Desks
from ivr.switch.queues import lines
from tests.stage import load

AGENTS = "agents: {1001: {name: Ann, skills: {cmn: 5}}, 1002: {name: Bo, skills: {yue: 2}}}"
FULL = """
desks:
  front: {members: [1001, 1002], relax: {every: 20s}}
  back: {members: [1002], hours: always, promise: {within: 1h}, number: 801}
"""


def desks(text: str = FULL, agents: str = AGENTS) -> Desks:
    found, problems = parse(("desks.yaml", text), ("agents.yaml", agents))
    assert found is not None, problems
    return found


def test_what_is_applied_is_read_as_it_was(tmp_path: Path) -> None:
    assert applied.read(tmp_path) is None
    applied.keep(tmp_path, desks(), lines(desks(), load()))
    found = applied.read(tmp_path)
    assert found is not None and found.desks == desks()
    assert found.queues == ("front", "front+cmn", "front+yue", "back", "back+yue")


def test_what_another_version_or_nobody_wrote_is_nothing(tmp_path: Path) -> None:
    for text in ("", "{", '{"desks": {}, "queues": 1}', "null"):
        (tmp_path / applied.FILE).write_text(text)
        assert applied.read(tmp_path) is None


def test_who_and_what_came_changed_and_went_is_told() -> None:
    fewer = FULL[: FULL.index("  back")].replace("90d", "30d").replace("[1001, 1002]", "[1001]")
    agents = AGENTS.replace("1002", "1003").replace("cmn: 5", "cmn: 4")
    assert applied.told(desks(), desks(fewer, agents)) == [
        "1 agent new: 1003",
        "1 agent changed: 1001",
        "1 agent gone: 1002",
        "1 desk changed: front",
        "1 desk gone: back",
    ]
    assert applied.told(desks(), desks()) == []


def test_a_line_stays_while_somebody_waits_and_whoever_is_at_the_desk_answers() -> None:
    (line,) = kept(desks(), desks(), ["front+en", "front+cmn"], {"front+en": 2, "front+cmn": 0})
    assert (line.queue, line.penalties) == ("front+en", {"1001": 0, "1002": 0})


def test_a_desk_that_is_gone_is_answered_by_nobody_so_that_its_callers_are_let_out() -> None:
    fewer = desks(FULL[: FULL.index("  back")])
    found = kept(desks(), fewer, ["back", "back+yue"], {"back": 1, "back+yue": 3})
    assert {line.queue: line.penalties for line in found} == {"back": {}, "back+yue": {}}
    assert kept(desks(), fewer, ["back", "back+yue"], {}) == []
