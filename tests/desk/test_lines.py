import pytest

from ivr.desk.lines import among, desk_of, line, skills_of


def test_a_line_is_named_by_its_desk_and_skills_in_one_way_only() -> None:
    assert line("front_desk") == "front_desk"
    assert line("front_desk", ["yue", "en", "yue"]) == line("front_desk", {"en", "yue"})
    assert line("front_desk", ["yue", "en"]) == "front_desk+en+yue"


@pytest.mark.parametrize("skills", [(), ("yue",), ("en", "yue")])
def test_a_line_tells_its_desk_and_skills(skills: tuple[str, ...]) -> None:
    assert desk_of(line("漫游", skills)) == "漫游"
    assert skills_of(line("漫游", skills)) == skills


def test_where_a_line_is_not_known_the_desks_own_takes_its_callers() -> None:
    known = {"front_desk", "front_desk+yue"}
    assert among("front_desk+yue", known) == "front_desk+yue"
    assert among("front_desk+en", known) == "front_desk"
