"""The page that tells the whole flow language, made of what the node kinds say of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, TypeAdapter

from ivr.flow import fields as types
from ivr.flow.fields import NodeName
from ivr.flow.node import END, KINDS, Header
from ivr.flow.schema import Schema, schema, told

PAGE = """\
# The flow language

<!-- Written by `ivr schema` from ivr/flow/nodes and ivr/flow/fields.py: edit there. -->

Everything that may stand in a flow file. How one is written, tried and mended tells the
[authors' guide](authors.md); what is wrong in a file, `ivr check`.

- [The top of a flow](#the-top-of-a-flow) · [What a field takes](#what-a-field-takes) ·
  [Variables](#variables)
- [Kinds of node](#kinds-of-node): {kinds}

## The top of a flow

{header}

## What a field takes

Text stays text until its field reads it: `18:30`, `0755`, `on` and `no` mean what they look like.
`*` and `#` need quotes.

{types}

## Variables

A node keeps what it learns under the name given with `into`, and `$name` reads it from then on,
`$name.part` one part of what a back end answered. A variable that nothing has filled is empty. As
what a value is said its prompt tells: [the kinds](authors.md#prompts). These are always there,
and `$waiting` [while she waits](authors.md#while-she-waits) in a queue:

| variable | |
|---|---|
| `$caller.number` | the number she calls from, without the country's code, or empty |
| `$caller.called` | the number she dialled, or was passed on to |
| `$caller.passed_by` | the number of the agent who passed her on, or empty |
| `$language` | the language spoken now |
| `$speed` | the speed spoken now, such as `90%` |

A sub-flow has variables of its own: those it `takes`, and what its own nodes keep.

## Kinds of node

A node is one verb with its main argument, which is its kind; every other key is a field of that
kind. A field without a default is needed. A field that takes a node leads there; left out, it ends
the flow: the call is hung up, a sub-flow returns.
{sections}"""


def page() -> str:
    """Return the page, in Markdown."""
    whole = schema()
    return PAGE.format(
        kinds=" ".join(f"[{kind}](#{kind})" for kind in sorted(KINDS)),
        header=_table(Header, whole),
        types="\n".join(["| what | how it is written |", "|---|---|", *_types()]),
        sections="".join(_section(kind, whole["definitions"][kind]) for kind in sorted(KINDS)),
    )


def _section(kind: str, written: Schema) -> str:
    prose, example = told(KINDS[kind])
    ways = [f"`{name}`" for name, field in written["properties"].items() if _leads(field)]
    leads = f"Leads on by {_listed(ways)}.\n\n" if ways else ""
    shown = f"{prose}\n\n```yaml nodes\n{example}\n```"
    return f"\n### {kind}\n\n{shown}\n\n{leads}{_table(KINDS[kind], written)}\n"


def _leads(field: Schema) -> bool:
    inner = field.get("additionalProperties")
    return "node name" in (field.get("title"), isinstance(inner, dict) and inner.get("title"))


def _listed(ways: list[str]) -> str:
    return " and ".join([", ".join(ways[:-1]), ways[-1]] if len(ways) > 1 else ways)


def _table(model: type[BaseModel], written: Schema) -> str:
    rows = ["| field | takes | default | |", "|---|---|---|---|"]
    for name, known in model.model_fields.items():
        field = written["properties"][known.alias or name]
        default = "" if known.is_required() else _default(field, known.default)
        takes, told = _takes(field), field["description"].replace("|", "\\|")
        rows.append(f"| `{known.alias or name}` | {takes} | {default} | {told} |")
    return "\n".join(rows)


def _default(field: Schema, default: object) -> str:
    written = field.get("default")
    if written is None:
        return "the end" if default == END and isinstance(default, NodeName) else "none"
    if isinstance(written, list):
        return ", ".join(f"`{item}`" for item in written)
    return f"`{str(written).lower() if isinstance(written, bool) else written}`"


def _takes(field: Schema) -> str:
    """Say in the author's words what may stand in a field."""
    if "title" in field:
        return str(field["title"])
    if "enum" in field or "const" in field:
        return " or ".join(f"`{each}`" for each in field.get("enum", [field.get("const")]))
    if field["type"] == "array":
        return f"a list: {_takes(field['items'])}"
    if field["type"] == "object" and "$ref" in field["additionalProperties"]:
        return "nodes by name"
    if field["type"] == "object":
        return f"{_takes(field['propertyNames'])} → {_takes(field['additionalProperties'])}"
    return {"integer": "whole number", "boolean": "`true` or `false`"}.get(field["type"], "text")


def _types() -> Iterator[str]:
    """A row for each type of `ivr.flow.fields`, in the order it is declared there.

    Two that are written alike, as the value of a skill is, share one.
    """
    told: set[str] = set()
    for declared in vars(types).values():
        written: dict[str, Any] = {}
        if _is_type(declared):
            written = TypeAdapter(declared).json_schema()
        if "title" in written and written["title"] not in told:
            told.add(written["title"])
            yield f"| {written['title']} | {written['description']} |"


def _is_type(declared: object) -> bool:
    if isinstance(declared, type):
        return issubclass(declared, types.Word) and declared is not types.Word
    return hasattr(declared, "__metadata__")
