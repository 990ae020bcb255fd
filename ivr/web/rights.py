"""Who asks, and what she may: HTTP Basic, and everything that changes something needs it.

A user is an agent, by her number and the password of her phone, or the operator. An agent may
change what is hers; supervisors and the operator what is anybody's.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from aiohttp import web

OPERATOR = "operator"


@dataclass(frozen=True)
class Who:
    """A user: an agent's number or `operator`, and whether she may act for others."""

    name: str
    is_supervisor: bool


class Rights:
    """Knows users by their passwords; `passwords` are by user, asked for at each request.

    `supervisors` are the numbers of the agents who may act for others.
    """

    def __init__(
        self,
        passwords: Callable[[], Mapping[str, str]],
        supervisors: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._passwords = passwords
        self._supervisors = supervisors

    def who(self, request: web.Request) -> Who:
        """Return who asks. Raises HTTPUnauthorized, and HTTPForbidden for another site's page."""
        _refuse_strangers(request)
        try:
            name, given = login(request.headers.get("Authorization", ""))
        except ValueError:
            raise web.HTTPUnauthorized(
                reason="user and password are needed; `ivr agents --secrets` lists them"
            ) from None
        # Compared as if there were one for every name, so that its time tells nothing.
        password = self._passwords().get(name, "")
        is_right = hmac.compare_digest(password.encode(), given.encode())
        if not password or not is_right:
            raise web.HTTPUnauthorized(reason="there is no such user with this password")
        return Who(name, name == OPERATOR or name in self._supervisors())

    def who_may_change(self, request: web.Request, agent: str) -> Who:
        """Return who asks, if she may change what is this agent's. Raises as `who` does."""
        who = self.who(request)
        if who.name != agent and not who.is_supervisor:
            others = "supervisors and the operator"
            raise web.HTTPForbidden(reason=f"only {agent}, {others} may do this")
        return who

    def supervisor(self, request: web.Request) -> Who:
        """Return who asks, if she may act for others. Raises as `who` does."""
        who = self.who(request)
        if not who.is_supervisor:
            raise web.HTTPForbidden(reason="only supervisors and the operator may do this")
        return who


def login(said: str) -> tuple[str, str]:
    """Return the user and the password of an Authorization header. Raises ValueError."""
    scheme, _, coded = said.partition(" ")
    user, colon, password = base64.b64decode(coded, validate=True).decode().partition(":")
    if scheme.lower() != "basic" or not colon:
        raise ValueError("no user and password")
    return user, password


def authorization(user: str, password: str) -> str:
    """Return the Authorization header of a user."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


RIGHTS = web.AppKey("rights", Rights)
"""Where an application has them: `request.app[RIGHTS].who(request)`."""


def _refuse_strangers(request: web.Request) -> None:
    """Refuse what a page of another site asks: browsers send a password they know along with it."""
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("Host"):
        raise web.HTTPForbidden(reason="pages of other sites may not ask this")
