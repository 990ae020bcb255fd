from ivr.errors import Problem, Where, nearest, render, width, workflow_commands


def test_problems_are_sorted_and_shown_once() -> None:
    late = Problem(Where("f.yaml", 2, 1), "late", "x")
    early = Problem(Where("f.yaml", 1, 4), "early", "y")
    shown = render([late, early, late], {"f.yaml": "one\ntwo\n"})
    assert shown == (
        "f.yaml:1:4: early [y]\n  |\n1 | one\n  |    ^\nf.yaml:2:1: late [x]\n  |\n2 | two\n  | ^"
    )


def test_the_caret_stands_under_its_place_behind_wide_characters() -> None:
    shown = render([Problem(Where("f.yaml", 1, 4), "here", "x")], {"f.yaml": "节点: bye\n"})
    assert shown.splitlines()[-1] == "  |      ^"
    assert width("节点:") == 5


def test_a_problem_without_its_source_is_one_line() -> None:
    assert render([Problem(Where("f.yaml", 9), "gone", "x")], {}) == "f.yaml:9:1: gone [x]"


def test_the_nearest_name_is_offered_and_a_far_one_is_not() -> None:
    assert nearest("blance", ["balance", "menu"]) == "; did you mean 'balance'?"
    assert nearest("zzz", ["balance", "menu"]) == ""


def test_of_very_many_names_the_nearest_is_still_offered() -> None:
    assert nearest("node42", [f"node{n:05}" for n in range(9999)] + ["node4"]) != ""


def test_a_very_long_line_is_shown_around_the_place() -> None:
    line = "x" * 100_000 + "here" + "x" * 100_000
    shown = render([Problem(Where("f.yaml", 1, 100_001), "it", "x")], {"f.yaml": line})
    _, _, source, caret = shown.splitlines()
    assert len(source) < 200 and source[caret.index("^") :].startswith("here")


def test_github_gets_one_command_for_each_mistake_with_nothing_that_ends_it() -> None:
    problem = Problem(Where("flows/a,b.yaml", 3, 5), "100%\nof: it", "no-unit")
    assert workflow_commands([problem, problem]) == (
        "::error file=flows/a%2Cb.yaml,line=3,col=5,title=no-unit::100%25%0Aof: it"
    )
