from ivr.trial.coverage import Watch
from tests.trial.scenes import BALANCE, project, trials

TESTS = """
flow: f
calls:
  - name: a balance and a person
    given: {billing.balance: {any: {balance: 1}}}
    does: ["1", "*", "0"]
"""


def watched(tests: str = TESTS, flow: str = BALANCE) -> Watch:
    loaded = project(flow)
    watch = Watch(loaded)
    for trial in trials(tests, loaded):
        assert watch.run(trial).passed
    return watch


def test_what_a_call_meets_is_counted_by_node_and_way() -> None:
    marks = watched().covered.json()["flows"]["f"]
    assert marks["nodes"]["menu"] == {
        "met": 1,
        "ways": {"keys.1": 1, "keys.2": 0, "keys.3": 0, "otherwise": 0},
    }
    assert marks["nodes"]["find"]["ways"] == {"found": 1, "missing": 0, "failed": 0}
    assert marks["nodes"]["tell"] == {"met": 1, "ways": {"go": 0}}
    assert marks["anywhere"] == {"*": 1, "0": 1}


def test_two_ways_to_the_same_node_are_told_apart() -> None:
    both = BALANCE.replace("missing: number", "missing: agent")
    tests = TESTS.replace("{any: {balance: 1}}", "missing").replace('"1", "*", "0"', '"1"')
    ways = watched(tests, both).covered.json()["flows"]["f"]["nodes"]["find"]["ways"]
    assert ways == {"found": 0, "missing": 1, "failed": 0}


def test_a_key_that_names_no_node_is_met_when_it_is_pressed() -> None:
    flow = BALANCE.replace("start: menu", "start: hail").replace(
        "nodes:", "nodes:\n  hail: {language: ask, keys: {1: cmn, 2: yue}, go: menu}"
    )
    tests = "flow: f\ncalls: [{name: a, does: ['2', hangup]}]"
    ways = watched(tests, flow).covered.json()["flows"]["f"]["nodes"]["hail"]["ways"]
    assert ways == {"go": 1, "keys.1": 0, "keys.2": 1}


def test_what_no_test_meets_is_listed_with_its_place_and_without_what_follows() -> None:
    missed = watched().covered.missed()
    assert "flows/0.yaml:9:24: 'keys.2' of 'menu' is met by no test" in missed
    assert "flows/0.yaml:19:3: 'number' is met by no test" in missed
    assert not any("of 'number'" in line for line in missed)


def test_the_share_is_of_everything_that_can_be_met() -> None:
    covered = watched().covered
    assert str(covered) == f"{covered.share:.1%} ({len(covered.met)} of {len(covered.spots)})"
    assert 0.3 < covered.share < 0.6
