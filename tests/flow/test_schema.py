"""What editors and authors are told of a flow: each type and default as it is written."""

from typing import Any

import pytest

from ivr.flow import reference
from ivr.flow.node import KINDS, Header
from ivr.flow.schema import default_written, fields, schema, told


def every(part: Any) -> Any:
    """Return every schema inside a schema."""
    if isinstance(part, dict):
        yield part
        for inner in part.values():
            yield from every(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from every(inner)


@pytest.mark.parametrize(
    ("kind", "field", "written"),
    [
        ("queue", "longest", "2m"),
        ("menu", "wait", "5s"),
        ("menu", "silent", "nothing_heard"),
        ("menu", "tries", 3),
        ("collect", "until", "#"),
        ("collect", "secret", False),
        ("hangup", "hangup", "the flow ended the call"),
    ],
)
def test_a_default_is_told_as_an_author_would_write_it(
    kind: str, field: str, written: object
) -> None:
    assert fields(KINDS[kind])["properties"][field]["default"] == written


@pytest.mark.parametrize(
    ("seconds", "written"), [(0.5, "500ms"), (1.5, "1500ms"), (90.0, "90s"), (7200.0, "2h")]
)
def test_a_time_is_told_with_the_greatest_unit_that_fits(seconds: float, written: str) -> None:
    assert default_written(seconds) == written


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_has_its_fields_and_no_others(kind: str) -> None:
    written = fields(KINDS[kind])
    names = [known.alias or name for name, known in KINDS[kind].model_fields.items()]
    assert list(written["properties"]) == names
    # The outcomes of another flow are fields of `call`.
    assert written["additionalProperties"] is False or kind == "call"


def test_no_field_takes_a_null() -> None:
    assert not [part for part in every(schema()) if part.get("type") == "null"]


def test_a_limit_is_told_with_the_meaning() -> None:
    wait = fields(KINDS["menu"])["properties"]["wait"]
    assert wait["description"].endswith(" 500ms to 1m.")


def test_a_docstring_is_what_the_caller_meets_and_an_example() -> None:
    prose, example = told(KINDS["hours"])
    assert prose == "Go by opening hours. The caller hears nothing."
    assert example == "agent: {hours: front_desk, open: queue, closed: call_again}"


def test_the_page_tells_every_field_with_what_it_takes() -> None:
    page = reference.page()
    assert "| `longest` | time | `2m` | How long she waits. 1s to 2h. |" in page
    assert "| `keys` | key → node name |  |" in page
    assert "| `go` | node name | the end | Next. |" in page
    assert "Leads on by `found`, `missing` and `failed`." in page
    for name in Header.model_fields:
        assert f"\n| `{name}` | " in page
