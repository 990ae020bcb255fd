"""Lines are made of desks, agents and what flows ask for."""

from ivr.flow.project import Project, Sources, read
from ivr.switch.desk_files import parse
from ivr.switch.desks import Desks
from ivr.switch.queues import MOST_LINES, Line, asked, lines, rows, rules
from tests.stage import load

AGENTS = """
agents:
  1001: {name: Ann, skills: {cmn: 5, yue: 3}}
  1002: {name: Bo, skills: {cmn: 4}}
  1003: {name: Cy, skills: {en: 1}}
"""


def desks(more: str = "") -> Desks:
    text = f"desks: {{front: {{members: [1001, 1002, 1003]{more}}}}}"
    found, problems = parse(("desks.yaml", text), ("agents.yaml", AGENTS))
    assert found is not None, problems
    return found


def made(more: str = "", project: Project | None = None) -> dict[str, Line]:
    return {each.queue: each for each in lines(desks(more), project or load())}


def test_a_desk_has_a_line_for_each_language_that_somebody_speaks() -> None:
    assert [*made()] == ["front", "front+cmn", "front+en", "front+yue"]


def test_all_answer_the_desks_own_line_and_those_who_have_the_skill_its_line() -> None:
    found = made()
    assert found["front"].penalties == {"1001": 0, "1002": 0, "1003": 0}
    assert found["front+cmn"].penalties == {"1001": 0, "1002": 1}
    assert found["front+en"].penalties == {"1003": 4}


def test_who_has_not_the_skill_is_in_the_line_only_where_anyone_will_do_with_time() -> None:
    found = made(", relax: {anyone: 1m}")
    assert found["front+cmn"].penalties == {"1001": 0, "1002": 1, "1003": 9}
    assert found["front"].penalties == {"1001": 0, "1002": 0, "1003": 0}
    level_by_level = made(", relax: {every: 20s}")
    assert level_by_level["front+cmn"].penalties == {"1001": 4, "1002": 5}


def test_only_lines_of_skills_relax() -> None:
    found = made(", relax: {every: 20s, anyone: 50s}").values()
    assert [(row["queue"], bool(row["relaxing"])) for row in rows(found, _names())] == [
        ("front", False),
        ("front+cmn", True),
        ("front+en", True),
        ("front+yue", True),
    ]
    assert rules(found) == [
        {
            "desk": "front",
            "steps": [
                {"after": "20", "most": "5"},
                {"after": "40", "most": "6"},
                {"after": "50", "most": "9"},
            ],
        }
    ]
    assert rules(made().values()) == []


FLOW = """
flow: f
languages: [cmn, yue]
start: a
nodes:
  a: {{queue: front, skills: {skills}, unanswered: b}}
  b: hangup
"""


def asks(skills: str, flow: str = FLOW) -> set[tuple[str, ...]]:
    known = {"front": {"cmn", "yue", "en", "bills", "roaming"}}
    sources = Sources({"f.yaml": flow.format(skills=skills)}, {}, {"front"}, known)
    sets = asked(read(sources)[0], "front")
    return {tuple(sorted(each)) for each in sets} - {("cmn",), ("yue",), ("en",)}


def test_flows_ask_for_what_is_written_and_whatever_a_variable_may_hold() -> None:
    assert asks("[bills]") == {("bills",)}
    assert asks("[$language, bills]") == {("bills", "cmn"), ("bills", "yue")}
    assert asks("[$topic]") == {("bills",), ("roaming",)}
    assert asks("[$language]") == set()


def test_who_is_to_be_called_back_waits_in_the_line_of_her_skills() -> None:
    books = FLOW.replace("queue: front", "callback: front").replace(
        "unanswered: b", "promised: b, declined: b, impossible: b"
    )
    assert asks("[$language, bills]", books) == {("bills", "cmn"), ("bills", "yue")}


def test_skills_without_end_are_told_and_not_worked_out() -> None:
    known = {"front": {f"skill_{n}" for n in range(60)}}
    flow = FLOW.format(skills="[$a, $b, $c, $d]")  # 60 by 60 by 60 by 60
    sets = asked(read(Sources({"f.yaml": flow}, {}, {"front"}, known))[0], "front")
    assert len(sets) == MOST_LINES + 1


def _names() -> dict[str, str]:
    return {"1001": "Ann", "1002": "Bo", "1003": "Cy"}
