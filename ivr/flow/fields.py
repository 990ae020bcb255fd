"""The types of fields: what a scalar means is decided here, by the field that reads it.

Each type says in its docstring what an author may write. A value that does not fit raises
`Wrong`, which names the nearest right thing. Editors and docs/flow-language.md know the same from
`what` and `written` (`ivr.flow.patterns`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from ivr.flow import patterns
from ivr.flow.source import Wrong

LANGUAGE_NAMES = {"cmn": "Mandarin", "yue": "Cantonese", "en": "English"}


class Word(str):
    """A text of its own kind: it validates itself and stays recognisable inside a model."""

    what: ClassVar[str] = "text"
    written: ClassVar[Mapping[str, Any]] = {"type": "string"}

    @classmethod
    def check(cls, text: str) -> None:
        """Raise `Wrong` where `text` cannot be one of these."""

    @classmethod
    def of(cls, value: str) -> Self:
        """Return `value` as one of these; raises `Wrong` where it cannot be one."""
        cls.check(value)
        return cls(value)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls.of, core_schema.str_schema())

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"title": cls.what, "description": cls.__doc__, "type": "string", **cls.written}


class Name(Word):
    """Letters, digits and `_`, beginning with a letter; Chinese names are welcome."""

    what = "name"
    written = patterns.NAME

    @classmethod
    def check(cls, text: str) -> None:
        if not text:
            raise Wrong(f"a {cls.what} is missing here", "empty")
        if not re.fullmatch(r"[^\W\d][\w-]{0,63}", text):
            raise Wrong(
                f"'{text[:70]}' cannot be a {cls.what}: letters, digits, _ and -, "
                "beginning with a letter",
                "bad-name",
            )


class NodeName(Name):
    """The name of a node (or, in a sub-flow, of one of its outcomes): a link."""

    what = "node name"


class PromptName(Name):
    """The id of a prompt in `prompts/*.yaml`."""

    what = "prompt id"


class FlowName(Name):
    """The name of a flow."""

    what = "flow name"


class QueueName(Name):
    """The name of an agents' queue."""

    what = "queue name"


class SkillName(Name):
    """What an agent can do: a language by its code (`yue`), or a name of one's own (`roaming`)."""

    what = "skill"


class PlaceName(Name):
    """The name of a place where things are announced (`ivr announce --where`)."""

    what = "name of a place"


class HoursName(Name):
    """The name of opening hours in `flows/hours.yaml`."""

    what = "name of opening hours"


class VariableName(Name):
    """The name of a variable that a node fills."""

    what = "variable name"


class LookupName(Word):
    """`service.lookup`, as `flows/services.yaml` declares it."""

    what = "look-up"
    written = patterns.LOOKUP

    @classmethod
    def check(cls, text: str) -> None:
        if not re.fullmatch(r"[^\W\d]\w*\.[^\W\d]\w*", text):
            raise Wrong(f"a look-up is named service.lookup; this is '{text}'", "bad-name")


class LanguageCode(Word):
    """`cmn` Mandarin, `yue` Cantonese, `en` English."""

    what = "language"
    written = {
        "enum": list(LANGUAGE_NAMES),
        "errorMessage": f"the languages are {', '.join(LANGUAGE_NAMES)}",
    }

    @classmethod
    def check(cls, text: str) -> None:
        if text not in LANGUAGE_NAMES:
            known = ", ".join(LANGUAGE_NAMES)
            raise Wrong(f"there is no language '{text}'; there are {known}", "no-such-language")


class Key(Word):
    """One key of the phone, or several: `1`, `"*"`, `12`."""

    what = "key"
    written = patterns.KEY

    @classmethod
    def check(cls, text: str) -> None:
        if not re.fullmatch(r"[0-9*#]{1,8}", text):
            raise Wrong(f'\'{text}\' is no key; keys are 0–9, "*" and "#"', "no-such-key")


class Variable(Word):
    """`$name` or `$name.part`."""

    what = "variable"
    written = patterns.VARIABLE

    @classmethod
    def check(cls, text: str) -> None:
        if not re.fullmatch(r"\$[^\W\d]\w*(\.[^\W\d]\w*)*", text):
            raise Wrong(f"a variable is written $name or $name.part; this is '{text}'", "bad-name")

    @property
    def path(self) -> list[str]:
        """The parts without the dollar: `["account", "balance"]`."""
        return self[1:].split(".")


class Plain(Word):
    """A text that stands for itself."""

    written = patterns.SCALAR


def _value(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("$"):
        return Variable.of(value)
    if isinstance(value, str):
        return Plain(value)
    raise Wrong("a text or a $variable is expected here")


Value = Annotated[
    Variable | Plain,
    BeforeValidator(_value),
    WithJsonSchema(patterns.VALUE),
]
"""A `$variable`, or a text that stands for itself."""


def _skill(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("$"):
        return Variable.of(value)
    return value if isinstance(value, Word) or not isinstance(value, str) else SkillName.of(value)


Skill = Annotated[
    Variable | SkillName,
    BeforeValidator(_skill),
    WithJsonSchema(patterns.VALUE),
]
"""A skill, or a `$variable` that holds one."""


_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def _seconds(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)\s*([a-z]*)", value)
    if not found or (found[2] and found[2] not in _UNITS):
        raise Wrong(f"a time with its unit is expected here, such as 5s or 2m; this is '{value}'")
    if not found[2]:
        raise Wrong(f"{value} has no unit; did you mean {value}s or {value}m?", "no-unit")
    return float(found[1]) * _UNITS[found[2]]


Seconds = Annotated[
    float,
    BeforeValidator(_seconds),
    WithJsonSchema(patterns.TIME),
]
"""A time with its unit: `500ms`, `5s`, `2m`, `1h`. Read as seconds."""


def _days(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    if not re.fullmatch(r"[0-9]{1,4}d", str(value)):
        raise Wrong("a number of days such as 90d is expected; 0d keeps nothing", "no-unit")
    return timedelta(days=int(value[:-1]))


Days = Annotated[
    timedelta,
    BeforeValidator(_days),
    PlainSerializer(lambda kept: f"{kept.days}d"),
]
"""How long something is kept: `90d`. Read as a length of time."""


def _percent(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not re.fullmatch(r"\d{1,3}%", value):
        better = f"; did you mean {value}%?" if value.isdigit() else ""
        raise Wrong(f"a speed is written as a percentage, such as 90%{better}", "no-unit")
    percent = int(value[:-1])
    if not 60 <= percent <= 150:
        raise Wrong(f"{value} is out of range; speeds go from 60% to 150%", "out-of-range")
    return percent


Percent = Annotated[
    int,
    BeforeValidator(_percent),
    WithJsonSchema(patterns.SPEED),
]
"""A speaking speed, `60%` to `150%`. Read as a whole number."""


@dataclass(frozen=True)
class Prompt:
    """A prompt id and the values its text asks for."""

    name: PromptName
    values: Mapping[str, Variable | Plain]


def _prompt(value: Any) -> Prompt:
    if isinstance(value, str):
        return Prompt(PromptName.of(value), {})
    if isinstance(value, dict) and len(value) == 1:
        ((name, values),) = value.items()
        if isinstance(values, dict):
            return Prompt(
                PromptName.of(name), {name: _value(value) for name, value in values.items()}
            )
    raise Wrong("a prompt id is expected here, or `{prompt_id: {value: $variable}}`", "wrong-shape")


def _speech(value: Any) -> Any:
    if isinstance(value, tuple):
        return value
    items = value if isinstance(value, list) else [value]
    if not items:
        raise Wrong("a prompt id is missing here", "empty")
    return tuple(_prompt(item) for item in items)


Speech = Annotated[
    tuple[Prompt, ...],
    BeforeValidator(_speech),
    WithJsonSchema(patterns.SPEECH),
]
"""What is said: a prompt id, `{prompt_id: {value: $variable}}`, or a list of these."""
