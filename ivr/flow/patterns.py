"""What editors and docs/flow-language.md know of the types of fields: JSON Schema of each.

It says of what is written in the file what `ivr.flow.fields` says of it when it reads it. Patterns
are those of ECMAScript; `errorMessage` is what yaml-language-server shows.
"""

from __future__ import annotations

from typing import Any

Part = dict[str, Any]

# Scalars stay text until a field reads them; to an editor 1001 is a number all the same.
SCALAR: Part = {"type": ["string", "number", "boolean"]}

NAME: Part = {
    "pattern": r"^[\p{L}_][\p{L}\p{N}_-]{0,63}$",
    "patternErrorMessage": "letters, digits, _ and -, beginning with a letter",
}
LOOKUP: Part = {
    "pattern": r"^[\p{L}_][\p{L}\p{N}_]*\.[\p{L}_][\p{L}\p{N}_]*$",
    "patternErrorMessage": "a look-up is named service.lookup",
    "examples": ["billing.balance"],
}
KEY: Part = {
    "pattern": "^[0-9*#]{1,8}$",
    "patternErrorMessage": 'keys are 0–9, "*" and "#"',
    "examples": ["1", "*"],
}
VARIABLE: Part = {
    "pattern": r"^\$[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*$",
    "patternErrorMessage": "a variable is written $name or $name.part",
    "examples": ["$account.balance"],
}

VALUE: Part = {
    "title": "value",
    "description": "A `$variable`, or a text that stands for itself.",
    "examples": ["$caller.number", "1001"],
    **SCALAR,
}
TIME: Part = {
    "title": "time",
    "description": "A time with its unit: `500ms`, `5s`, `2m`, `1h`.",
    "type": "string",
    "pattern": r"^\d{1,6}(\.\d{1,3})?\s*(ms|s|m|h)$",
    "errorMessage": "a time with its unit is expected here, such as 5s or 2m",
    "examples": ["5s", "2m"],
}
SPEED: Part = {
    "title": "speed",
    "description": "A speaking speed, `60%` to `150%`.",
    "type": "string",
    "pattern": "^(0?[6-9][0-9]|1[0-4][0-9]|150)%$",
    "errorMessage": "a speed is written as a percentage from 60% to 150%, such as 90%",
    "examples": ["75%", "100%"],
}
_WITH_VALUES: Part = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": {"type": "object", "additionalProperties": SCALAR},
}
SPEECH: Part = {
    "title": "speech",
    "description": "What is said: a prompt id, `{prompt_id: {value: $variable}}`, or a list "
    "of these.",
    **_WITH_VALUES,
    "type": ["string", "object", "array"],
    "items": {**_WITH_VALUES, "type": ["string", "object"]},
    "minItems": 1,
    "errorMessage": "a prompt id is expected here, or {prompt_id: {value: $variable}}, or "
    "a list of these",
}
