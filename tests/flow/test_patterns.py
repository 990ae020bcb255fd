"""An editor and the loader agree on what may be written."""

import re
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from ivr.flow.fields import Key, LookupName, NodeName, Percent, Seconds, Variable

TEXTS = [
    *("", "a", "_a", "a-b", "a b", "余额", "余额1", "1a", "a" * 64, "a" * 65, "-a", "é"),
    *("a.b", "a.b.c", "a.", ".b", "a-b.c", "$a", "$a.b", "$", "$1", "$a.", "$余额.b", "$a-b"),
    *("1", "*", "#", "12", "123456789", "A", "1 2", "٣"),
    *("5", "5s", "5 s", "0.5s", "500ms", "5m", "1h", "5d", "1.2345s", "s", "-1s", "12345678s"),
    *("60%", "59%", "100%", "150%", "151%", "075%", "90", "90.5%", "90 %"),
]


def of_python(pattern: str) -> str:
    """Return a pattern of ECMAScript as Python's, as far as ours go."""
    inside = pattern.replace(r"\p{L}", "\x00").replace(r"\p{N}", r"\d")
    return inside.replace("[\x00_]", r"[^\W\d]").replace("[\x00\\d_", r"[\w")


TYPES = {
    "node name": NodeName,
    "look-up": LookupName,
    "key": Key,
    "variable": Variable,
    "time": Seconds,
    "speed": Percent,
}


@pytest.mark.parametrize("type_", TYPES.values(), ids=list(TYPES))
def test_an_editor_marks_what_the_loader_refuses(type_: Any) -> None:
    adapter = TypeAdapter(type_)
    pattern = of_python(adapter.json_schema()["pattern"])
    assert "\x00" not in pattern
    taken = 0
    for text in TEXTS:
        try:
            adapter.validate_python(text)
            right = True
        except ValidationError:
            right = False
        taken += right
        assert bool(re.search(pattern, text)) == right, (text, pattern)
    assert 0 < taken < len(TEXTS)
