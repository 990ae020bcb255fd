"""A tree fitted to a model: either it fits, or every place where it does not is told."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from ivr.errors import Problem, nearest
from ivr.flow.source import Mapping, Path, Tree, Wrong, place, plain

Model = TypeVar("Model", bound=BaseModel)


def fit(tree: Tree, model: type[Model], title: str) -> tuple[Model | None, list[Problem]]:
    """Validate the tree as `model`; return it (None if it does not fit) and every problem.

    `title` is what messages call the thing: "menu has no 'trys'; did you mean 'tries'?".
    """
    try:
        return model.model_validate(plain(tree)), []
    except ValidationError as fault:
        lacking: dict[Path, list[str]] = {}
        problems: list[Problem] = []
        for error in fault.errors():
            if error["type"] == "missing":
                path = _path(error)
                lacking.setdefault(path[:-1], []).append(f"'{path[-1]}'")
            else:
                problems.append(_fit_problem(tree, model, title, error))
        # What one thing lacks is one mistake, however much it is.
        for at, names in lacking.items():
            needs = " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
            message = f"{_title(title, at)} needs {needs}"
            problems.append(Problem(place(tree, at), message, "missing-key"))
        return None, problems


def what_fits(tree: Mapping, model: type[Model], **instead: Any) -> Model:
    """Return a model of the fields that are right, so that these can still be checked.

    `instead` stands for fields that are missing or wrong. Not fit to run.
    """
    fitting = dict(instead)
    for name, field in model.model_fields.items():
        given = tree.get(field.alias or name)
        if given is not None:
            with contextlib.suppress(ValidationError):
                adapter = TypeAdapter[Any](field.rebuild_annotation() or Any)
                fitting[name] = adapter.validate_python(plain(given))
    return model.model_construct(**fitting)


_SHAPES = {
    "string_type": "a text is expected here",
    "dict_type": "names with values (`name: value`) are expected here",
    "model_type": "names with values (`name: value`) are expected here",
    "list_type": "a list is expected here",
    "tuple_type": "a list is expected here",
    "int_parsing": "a whole number is expected here, such as 3",
    "int_type": "a whole number is expected here, such as 3",
    "bool_parsing": "true or false is expected here",
    "decimal_parsing": "a number is expected here, such as 12.50",
    "greater_than_equal": "at least {ge:g} is expected here",
    "less_than_equal": "at most {le:g} is expected here",
    "greater_than": "more than {gt:g} is expected here",
    "too_short": "at least {min_length} is expected here",
}


def _path(error: Any) -> Path:
    """Return where in the tree an error is."""
    return tuple(step for step in error["loc"] if step != "[key]")


def _fit_problem(tree: Tree, model: type[BaseModel], title: str, error: Any) -> Problem:
    path = _path(error)
    kind, last = error["type"], str(error["loc"][-1]) if error["loc"] else ""
    if kind == "extra_forbidden":
        known = _fields_at(model, path[:-1])
        message = f"{_title(title, path[:-1])} has no '{last}'{nearest(last, known)}"
        return Problem(place(tree, path, key=True), message, "unknown-key")
    where = place(tree, path, key=bool(error["loc"]) and error["loc"][-1] == "[key]")
    reason = error.get("ctx", {}).get("error")
    if isinstance(reason, Wrong):
        return Problem(where, str(reason), reason.rule)
    given = error.get("input")
    if kind == "literal_error":
        choices = re.findall(r"'([^']*)'", error["ctx"]["expected"])
        message = f"'{given}' is none of {', '.join(choices)}{nearest(str(given), choices)}"
        return Problem(where, message, "wrong-value")
    shown = f"; this is '{given}'" if isinstance(given, str) else ""
    shape = _SHAPES[kind].format_map(error.get("ctx", {})) if kind in _SHAPES else error["msg"]
    return Problem(where, shape + shown, "wrong-value")


def _title(title: str, path: Path) -> str:
    return f"'{path[-1]}'" if path else title


def _fields_at(model: type[BaseModel], path: Path) -> set[str]:
    """Return the field names of the model that `path` leads to, as far as annotations tell."""
    for step in path:
        field = model.model_fields.get(str(step))
        inner = list(_models_in(field.annotation)) if field else []
        if not inner and isinstance(step, str):
            continue
        if inner:
            model = inner[0]
    return {field.alias or name for name, field in model.model_fields.items()}


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)
