from dataclasses import replace

import pytest

from ivr.flow.key_entry import Entry

NUMBER = Entry(frozenset("0123456789"), lambda typed: len(typed) == 11, until="#", most=11)


@pytest.mark.parametrize(
    ("entry", "typed", "wanted"),
    [
        (NUMBER, "", 1),
        (NUMBER, "1", 10),
        (NUMBER, "1380013800", 1),
        (replace(NUMBER, until=None), "13", 9),
        (replace(NUMBER, until="*"), "13", 1),
        (replace(NUMBER, secret=True), "13", 1),
        (replace(NUMBER, most=1), "13", 1),
    ],
)
def test_how_many_keys_are_waited_for_at_once(entry: Entry, typed: str, wanted: int) -> None:
    assert entry.wanted(typed) == wanted
