from ivr.trial import mutation, verdict
from ivr.trial.mutation import Score
from tests.trial.scenes import project, trials

FLOW = """
flow: f
languages: [cmn, yue, en]
start: menu
anywhere: {9: again}
nodes:
  menu: {menu: [ask, ask_short], keys: {1: hello, 2: owed, 3: owed}, otherwise: bye}
  hello: {say: hello, go: bye}
  owed: {say: [{number_is: {number: "1"}}, wrong_key], go: bye}
  bye: hangup
"""


def score(calls: str) -> Score:
    loaded = project(FLOW)
    results = [verdict.run(trial, loaded) for trial in trials(f"flow: f\ncalls: {calls}", loaded)]
    assert all(result.passed for result in results)
    return mutation.score(loaded, results)


def test_mistakes_are_those_an_author_makes() -> None:
    every = [mutant for mutant, _ in mutation.mutants(project(FLOW))]
    assert [mutant.did for mutant in every] == [
        "the keys 1 and 2 are swapped",
        "'ask' is not said",
        "'ask_short' is not said",
        "'keys.1' leads to the end, not to 'hello'",
        "'keys.2' leads to the end, not to 'owed'",
        "'keys.3' leads to the end, not to 'owed'",
        "'otherwise' leads to 'hello', not to 'bye'",
        "'hello' is not said",
        "'number_is' is not said",
        "'wrong_key' is not said",
        "the key 9 of anywhere does nothing",
    ]
    assert str(every[0]) == "flows/0.yaml:7:44: the keys 1 and 2 are swapped"


def test_a_call_catches_the_mistakes_it_meets() -> None:
    caught = score("[{name: one, does: ['1'], hears: [ask, hello]}]").caught
    assert [mutant.did for mutant in caught] == [
        "the keys 1 and 2 are swapped",
        "'ask' is not said",
        "'keys.1' leads to the end, not to 'hello'",
        "'hello' is not said",
    ]


def test_tests_of_everything_catch_everything() -> None:
    found = score(
        "[{name: a, does: ['1'], hears: [ask, hello]},"
        " {name: b, does: ['9', '2'], hears: [ask, ask, number_is, wrong_key], never: [hello]},"
        " {name: c, does: ['3'], hears: [number_is]},"
        " {name: d, hears: [ask, ask_short], never: [hello]}]"
    )
    assert not found.survivors and found.share == 1


def test_a_test_that_looks_at_nothing_catches_nothing() -> None:
    assert score("[{name: a, does: ['1']}]").share < 0.3
