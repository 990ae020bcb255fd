"""Applications that let in who has a password, for tests of views."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from aiohttp import web

from ivr.web.api import errors_as_json
from ivr.web.basic import authorization
from ivr.web.credentials import Credentials
from ivr.web.rights import RIGHTS, Rights, guard


def rights(
    passwords: Mapping[str, str], supervisors: Callable[[], Collection[str]] = tuple
) -> Rights:
    """Return the rights of users by their passwords."""
    return Rights(Credentials(lambda: passwords, supervisors))


def guarded(
    passwords: Mapping[str, str], supervisors: Callable[[], Collection[str]] = tuple
) -> web.Application:
    """Return an application without views."""
    app = web.Application(middlewares=[errors_as_json, guard])
    app[RIGHTS] = rights(passwords, supervisors)
    return app


# One who may ask everything, and how she says so.
OPERATORS = {"operator": "his"}
AS_OPERATOR = {"Authorization": authorization("operator", "his")}
