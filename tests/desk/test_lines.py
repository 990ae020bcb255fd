import pytest

from ivr.desk.lines import ANYONE, AT_FIRST, desk_of, line, penalty, skills_of, steps


def test_a_line_is_named_by_its_desk_and_skills_in_one_way_only() -> None:
    assert line("front_desk") == "front_desk"
    assert line("front_desk", ["yue", "en", "yue"]) == line("front_desk", {"en", "yue"})
    assert line("front_desk", ["yue", "en"]) == "front_desk+en+yue"


@pytest.mark.parametrize("skill", ["", "a b", "a+b", "${X}", "a)", "a,b", "•", "1", "x\ny", "a?b"])
def test_what_cannot_be_a_skill_names_no_line(skill: str) -> None:
    assert line("front_desk", [skill, "yue"]) == "front_desk+yue"


@pytest.mark.parametrize("skills", [(), ("yue",), ("en", "yue")])
def test_a_line_tells_its_desk_and_skills(skills: tuple[str, ...]) -> None:
    assert desk_of(line("漫游", skills)) == "漫游"
    assert skills_of(line("漫游", skills)) == skills


ANN = {"cmn": 5, "yue": 2}


@pytest.mark.parametrize(
    ("skills", "at_once", "by_level"),
    [((), 0, 0), (("cmn",), 0, 4), (("yue",), 3, 7), (("cmn", "yue"), 3, 7), (("en",), 9, 9)],
)
def test_the_worst_of_the_levels_asked_for_counts(
    skills: tuple[str, ...], at_once: int, by_level: int
) -> None:
    assert penalty(ANN, skills, by_level=False) == at_once
    assert penalty(ANN, skills, by_level=True) == by_level


def test_whoever_has_the_skills_may_answer_at_first_unless_the_desk_relaxes_by_level() -> None:
    for level in range(1, 6):
        assert penalty({"yue": level}, ["yue"], by_level=False) <= AT_FIRST
        assert (penalty({"yue": level}, ["yue"], by_level=True) <= AT_FIRST) == (level == 5)
    assert penalty({}, ["yue"], by_level=False) > AT_FIRST


def test_each_step_lets_a_level_less_answer_and_the_last_one_anybody() -> None:
    assert steps(20, None) == [(20, 5), (40, 6), (60, 7), (80, 8)]
    assert steps(20, 50) == [(20, 5), (40, 6), (50, ANYONE)]
    assert steps(None, 120) == [(120, ANYONE)]
    assert steps(None, None) == []
