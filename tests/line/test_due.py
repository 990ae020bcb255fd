"""Keys that the switch keeps a second time, as it gave them to applications."""

import pytest

from ivr.line.due import GAP, OVER, QUICK, Due, without


class Clock:
    """Tells the seconds it is set to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class Switch:
    """What the keypad tells of a channel: `kept` are all keys that the switch has kept there."""

    def __init__(self) -> None:
        self.clock = Clock()
        self._due = Due(self.clock)
        self._kept = ""

    def gives(self, given: str, kept: str, seconds: float = 1.0, until_read: float = 0.001) -> str:
        """An application is given these keys; return which of those kept meanwhile count."""
        self._due.begins()
        self.clock.now += seconds
        self._due.ends()
        self.clock.now += until_read
        return self._hers(kept, self._due.again(self._kept, kept, given))

    def keeps(self, kept: str, after: float = 0.001) -> str:
        """Keys are kept between two applications; return which of them count."""
        self.clock.now += after
        return self._hers(kept, self._due.between(kept))

    def _hers(self, kept: str, again: list[int]) -> str:
        hers = without(kept, again)
        self._kept += hers
        return hers


@pytest.fixture
def switch() -> Switch:
    return Switch()


def test_each_key_that_an_application_is_given_at_once_counts(switch: Switch) -> None:
    assert switch.gives("1", "1") == "1"
    assert switch.gives("1", "1") == "1"
    assert switch.gives("1100#", "1100#") == "1100#"
    assert switch.gives("", "") == ""


def test_a_key_right_behind_another_is_put_back_in_line_and_counts_once(switch: Switch) -> None:
    assert switch.gives("1", "1") == "1"
    assert switch.keeps("3") == "3"
    # Seen on a live switch: eight digits more, and what the application was given is all of this.
    assert switch.gives("380013800", "380013800", seconds=2) == "80013800"


def test_a_key_that_is_acted_out_is_given_and_kept_once(switch: Switch) -> None:
    assert switch.gives("1", "1") == "1"
    assert switch.keeps("3") == "3"
    assert switch.gives("3800", "800") == "800"


def test_those_that_come_while_one_is_acted_out_count_once(switch: Switch) -> None:
    assert switch.gives("1", "13", until_read=0.002) == "13"
    assert switch.keeps("80") == "80"
    assert switch.gives("38001", "8001") == "01"


def test_each_of_several_prompts_may_be_stopped_by_one_that_is_due(switch: Switch) -> None:
    assert switch.gives("3", "31") == "31"
    assert switch.keeps("5") == "5"
    assert switch.gives("1", "", seconds=0.1) == ""
    assert switch.gives("5", "5", seconds=0.1) == ""
    assert switch.gives("5", "5") == "5"


def test_those_of_which_only_some_were_given_are_due_still(switch: Switch) -> None:
    assert switch.gives("3", "3145") == "3145"
    assert switch.gives("14", "4", seconds=0.2) == ""
    assert switch.gives("56", "56") == "6"


def test_keys_in_peace_between_two_applications_are_not_due(switch: Switch) -> None:
    assert switch.gives("1", "1") == "1"
    assert switch.keeps("3", after=QUICK * 2) == "3"
    assert switch.gives("380", "380") == "380"


def test_one_that_was_due_long_ago_is_not_due_any_more(switch: Switch) -> None:
    assert switch.gives("1", "13") == "13"
    switch.clock.now += OVER
    assert switch.gives("380", "380") == "380"


def test_what_is_pressed_in_peace_behind_one_that_was_due_is_not_due(switch: Switch) -> None:
    assert switch.gives("1", "13") == "13"
    assert switch.keeps("5", after=OVER) == "5"
    assert switch.gives("58", "58") == "58"


def test_a_key_whose_turn_comes_between_two_applications_counts_once(switch: Switch) -> None:
    assert switch.gives("1", "13") == "13"
    assert switch.keeps("3", after=GAP * 2) == ""
    assert switch.keeps("3", after=GAP * 2) == "3"


def test_two_that_come_at_the_same_moment_are_two(switch: Switch) -> None:
    assert switch.gives("1", "13") == "13"
    assert switch.keeps("3") == "3"
    assert switch.gives("33", "33") == ""


def test_a_key_whose_beginning_was_not_seen_is_found_by_what_was_given(switch: Switch) -> None:
    # It began in one application and ended a moment later, the last one having been given none.
    assert switch.gives("", "") == ""
    switch.clock.now += 1
    assert switch.keeps("7") == "7"
    assert switch.gives("7", "") == ""
    assert switch.gives("745", "45") == "45"


def test_what_nothing_explains_counts(switch: Switch) -> None:
    assert switch.gives("1", "13") == "13"
    assert switch.gives("99", "45") == "45"
    assert switch.gives("", "6") == "6"


def test_what_was_taken_for_due_and_is_not_leaves_the_others_alone(switch: Switch) -> None:
    assert switch.gives("9", "93") == "93"
    assert switch.gives("33", "33", seconds=0.1) == "3"
    assert switch.gives("1", "13") == "13"
    assert switch.gives("99", "99") == "99"
    assert switch.gives("99", "99") == "99"
