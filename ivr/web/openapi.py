"""`GET /api/openapi.json`: what may be asked, by whom, and what is answered, for programs."""

from __future__ import annotations

import json
import re
from typing import Any

from aiohttp import web

from ivr.web.api import reply
from ivr.web.paths import PATHS, Path
from ivr.web.sessions import CSRF
from ivr.web.told import JSON, PLACES, TOLD, Schema, Told

REASONS = {
    206: "a part of it",
    304: "not changed",
    400: "the question is wrong",
    401: "user and password are needed",
    403: "this user may not do this",
    404: "there is none",
    408: "the rest of the question did not come",
    409: "it is not so any more",
    412: "it has changed",
    413: "too much is asked, or said",
    415: "JSON is expected",
    416: "there is no such part",
    429: "too fast, or too many wrong passwords",
    503: "a part of the hotline does not answer",
}
WITHOUT_BODY = (206, 304, 412, 416)


def document() -> dict[str, Any]:
    """Return the document, of OpenAPI 3.1."""
    schemas: dict[str, Any] = {
        "Error": {
            "type": "object",
            "properties": {"error": {"type": "string"}},
            "required": ["error"],
        }
    }
    paths: dict[str, dict[str, Any]] = {}
    for path in PATHS:
        if told := TOLD.get((path.method, path.path)):
            paths.setdefault(path.path, {})[path.method.lower()] = _operation(path, told, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hotline",
            "version": "1",
            "description": f"Whatever is no success is an Error. A change by cookie says {CSRF}.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"password": {"type": "http", "scheme": "basic"}},
        },
    }


def _operation(path: Path, told: Told, schemas: dict[str, Any]) -> dict[str, Any]:
    places = re.findall(r"\{([a-z]+)\}", path.path)
    taken = [
        {"name": name, "in": "path", "required": True, "schema": PLACES[name]} for name in places
    ] + [{"name": name, "in": "query", "schema": schema} for name, schema in told.query.items()]
    statuses = {*told.also, 408, 429, 503}
    if path.may is not None:
        statuses |= {400, 401, 403}
    answers: dict[str, Any] = {
        str(told.status): {
            "description": "so it is",
            "content": {told.media: {"schema": _whole(told.answer, schemas)}},
        }
    }
    error = {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}
    if path.path == "/healthz":  # unwell, it tells of the parts all the same
        error = {JSON: {"schema": _whole(told.answer, schemas)}}
    for status in sorted(statuses):
        answers[str(status)] = {"description": REASONS[status]}
        if status not in WITHOUT_BODY:
            answers[str(status)]["content"] = error
    operation: dict[str, Any] = {
        "summary": told.summary,
        "operationId": f"{path.method.lower()} {path.path}",
        "responses": answers,
    }
    if path.may is not None:
        operation["security"] = [{"password": []}, *([{}] if path.is_here else [])]
        operation["description"] = f"For {', '.join(sorted(path.may))}."
    if taken:
        operation["parameters"] = taken
    if told.body is not None:
        content = {JSON: {"schema": _whole(told.body, schemas)}}
        is_needed = path.path != "/api/agents/{agent}/{way}"
        operation["requestBody"] = {"required": is_needed, "content": content}
    return operation


def _whole(schema: Schema, schemas: dict[str, Any]) -> Any:
    """Return a schema, after its parts have been put among those of the document."""
    if isinstance(schema, list):
        return [_whole(each, schemas) for each in schema]
    if not isinstance(schema, dict):
        return schema
    own = dict(schema)
    for name, part in own.pop("$defs", {}).items():
        title = f"{own.get('title', '')}.{name}"
        schemas[title] = _whole(part, schemas)
    return {name: _whole(part, schemas) for name, part in own.items()}


class OpenApiView:
    """The view."""

    def __init__(self) -> None:
        self._text = json.dumps(document(), ensure_ascii=False)

    def add_to(self, app: web.Application) -> None:
        """Put the view into an application."""
        app.add_routes([web.get("/api/openapi.json", self.view)])

    async def view(self, _request: web.Request) -> web.Response:
        """Return the document."""
        return reply(self._text)
