"""Every route of every view, held against the table of who may ask."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import ivr.web
from ivr.web.api import Sources, application
from ivr.web.paths import BY_ROUTE, PATHS, Role
from tests.web.doors import rights


def views() -> Iterator[Any]:
    """Yield one of each class of views there is, with nothing behind it."""
    for module in pkgutil.iter_modules(ivr.web.__path__, "ivr.web."):
        for _, kind in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if hasattr(kind, "add_to") and kind.__module__ == module.name:
                asked = inspect.signature(kind).parameters.values()
                yield kind(*(None for each in asked if each.default is each.empty))


def routes() -> set[tuple[str, str]]:
    nothing: Any = None
    app = application(Sources(nothing, nothing, nothing, nothing), rights({}))
    for each in views():
        each.add_to(app)
    found = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None
    }
    return {(method, path) for method, path in found if method != "HEAD"}


def test_no_route_is_without_an_entry_and_no_entry_without_a_route() -> None:
    assert routes() == set(BY_ROUTE)


def test_what_is_open_to_everybody_holds_nothing_of_callers() -> None:
    # Said twice on purpose: who opens another one has to say so here as well.
    assert {path.path for path in PATHS if path.may is None} == {
        "/",
        "/page.css",
        "/page.js",
        "/healthz",
        "/api/openapi.json",
        "/api/session",
    }


def test_whatever_changes_something_wants_a_login() -> None:
    for path in PATHS:
        changes = path.method not in ("GET", "HEAD")
        assert not changes or path.may is not None or path.path == "/api/session"


def test_the_operator_may_ask_everything_and_an_agent_no_record() -> None:
    for path in PATHS:
        assert path.may is None or Role.OPERATOR in path.may
        if path.path.startswith(("/api/calls", "/api/talks", "/api/audit")):
            assert path.may is not None and Role.AGENT not in path.may


def test_what_an_agent_may_ask_is_written_down_here_too() -> None:
    # The table tells each test what to expect: a slip of the hand in it would be seen by none.
    hers = {f"{path.method} {path.path}" for path in PATHS if path.may and Role.AGENT in path.may}
    assert hers == {
        "GET /metrics",
        "GET /api/session",
        "DELETE /api/session",
        "GET /api/agents",
        "GET /api/queues",
        "GET /api/agents/{agent}/duty",
        "PUT /api/agents/{agent}/duty",
        "POST /api/agents/{agent}/{way}",
        "GET /api/desks",
        "GET /api/events",
        "GET /api/callbacks",
        "POST /api/callbacks",
        "POST /api/callbacks/{id}/done",
        "DELETE /api/callbacks/{id}",
    }
    without = {f"{path.method} {path.path}" for path in PATHS if path.may is None}
    assert without == {
        "GET /",
        "GET /page.css",
        "GET /page.js",
        "GET /healthz",
        "GET /api/openapi.json",
        "POST /api/session",
    }
