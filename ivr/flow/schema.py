"""What editors know of a flow file: one JSON Schema, made of the node kinds and the header.

Written for yaml-language-server, which reads draft-07 and shows `errorMessage` in place of its own
words. Every description is that of the field it belongs to. JSON Schema has no way to say "one of
the keys under `nodes`", so an editor does not know the names of nodes; `ivr check` does.
"""

from __future__ import annotations

import inspect
from textwrap import dedent
from typing import Any

from annotated_types import Ge, Le
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from ivr.flow import nodes as _kinds  # noqa: F401  (importing the folder registers the kinds)
from ivr.flow.fields import SCALAR, NodeName, Prompt
from ivr.flow.node import KINDS, MANNERS, Header, Node

Schema = dict[str, Any]


def schema() -> Schema:
    """Return the schema of a flow file."""
    header = fields(Header)
    header["properties"]["nodes"] |= {
        "type": "object",
        "propertyNames": _name_of_a_node(),
        "additionalProperties": {"$ref": "#/definitions/node"},
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A call flow",
        **header,
        "definitions": {"node": _node()} | {kind: fields(KINDS[kind]) for kind in sorted(KINDS)},
    }


def fields(model: type[BaseModel]) -> Schema:
    """Return the schema of a kind, or of the header: its fields as an author writes them."""
    written = model.model_json_schema(schema_generator=_AsWritten, mode="validation")
    written.pop("title", None)
    written.pop("description", None)
    for name, known in model.model_fields.items():
        field = written["properties"][known.alias or name]
        field["description"] = field.get("description", "") + _range(known)
        # Editors show a plain description with its backticks, and this one without them.
        field["markdownDescription"] = field["description"]
    if issubclass(model, Node):
        verb = written["properties"][model.kind]
        verb["markdownDescription"] = f"{_shown(model)}\n\n{verb['description']}"
    return written


def told(kind: type[Node]) -> tuple[str, str]:
    """Return what a caller meets at a kind of node, and its example: the docstring's two halves."""
    prose, _, example = (inspect.getdoc(kind) or "").rpartition("\n\n")
    return prose, dedent(example).strip()


def default_written(default: Any) -> Any:
    """Return a field's default as an author would write it; None where it cannot be written."""
    if isinstance(default, float):
        return _time(default)
    if isinstance(default, Prompt):
        return default.name
    if isinstance(default, tuple) and default and isinstance(default[0], Prompt):
        return default[0].name if len(default) == 1 else [prompt.name for prompt in default]
    if isinstance(default, tuple) and default and isinstance(default[0], int):
        return [f"{percent}%" for percent in default]
    if isinstance(default, NodeName) or default in ("", (), {}):
        return None
    return default


def _time(seconds: float) -> str:
    for unit, worth in (("h", 3600), ("m", 60), ("s", 1)):
        if seconds >= worth and seconds % worth == 0:
            return f"{seconds / worth:g}{unit}"
    return f"{seconds * 1000:g}ms"


def _range(field: FieldInfo) -> str:
    limits: Any = {type(known): known for known in field.metadata}
    if Ge not in limits or Le not in limits:
        return ""
    written = _time if field.annotation is float else str
    return f" {written(limits[Ge].ge)} to {written(limits[Le].le)}."


_OF_NAMES = ("title", "pattern", "patternErrorMessage", "enum", "errorMessage")


class _AsWritten(GenerateJsonSchema):
    """The schema of what stands in the file, not of what it is read as."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        default = default_written(schema.get("default"))
        return inner if default is None else inner | {"default": default}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        # None stands for a field that is left out; YAML's null is no value of any field.
        return self.generate_inner(schema["schema"])

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        # A key of JSON is a text, also where YAML says it is a number: it has no type to check.
        told = self.generate_inner(schema["keys_schema"])
        names = {word: told[word] for word in _OF_NAMES if word in told}
        values = self.generate_inner(schema["values_schema"])
        least = {"minProperties": schema["min_length"]} if "min_length" in schema else {}
        return {"type": "object", "propertyNames": names, "additionalProperties": values, **least}

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        return {"title": "text", **SCALAR}

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def _name_of_a_node() -> Schema:
    name = TypeAdapter(NodeName).json_schema()
    # The words a key under `anywhere` may hold are no names: (?!…) leaves them out.
    pattern = name["pattern"].replace("^", f"^(?!({'|'.join(MANNERS)})$)")
    return {"pattern": pattern, "patternErrorMessage": name["patternErrorMessage"]}


def _node() -> Schema:
    """A node is told by its verb: the first that fits says which fields it may have.

    A chain of `if` and not `oneOf`: a mistake is told of the kind that is meant, not of all.
    """
    bare = [kind for kind in sorted(KINDS) if not _needed(KINDS[kind])]
    known = ", ".join(sorted(KINDS))
    message = f"this names no kind of node; the kinds are {known}"
    chain: Schema = {
        "type": "object",
        "properties": {
            kind: {"markdownDescription": _shown(KINDS[kind])} for kind in sorted(KINDS)
        },
        "anyOf": [{"required": [kind], "errorMessage": message} for kind in sorted(KINDS)],
        "errorMessage": message,
    }
    for kind in sorted(KINDS, reverse=True):
        chain = {
            "if": {"type": "object", "required": [kind]},
            "then": {"$ref": f"#/definitions/{kind}"},
            "else": chain,
        }
    alone = {"enum": bare, "errorMessage": f"a node of one word is one of {', '.join(bare)}"}
    return {"if": {"type": "string"}, "then": alone, "else": chain}


def _needed(kind: type[Node]) -> list[str]:
    return [name for name, field in kind.model_fields.items() if field.is_required()]


def _shown(kind: type[Node]) -> str:
    prose, example = told(kind)
    return f"{prose}\n\n```yaml\n{example}\n```"
