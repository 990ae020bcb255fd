"""Where agents stand, over HTTP: asked by every user, changed by who has the right."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Protocol

from aiohttp import web

from ivr.desk.duty import Standing, asked
from ivr.web.api import error, quoted
from ivr.web.bodies import said
from ivr.web.rights import may_change

KEYS = {"duty", "reason"}


class Roster(Protocol):
    """Where every agent stands; `change` may raise StoreError."""

    def of(self, agent: str) -> Standing: ...
    async def change(self, agent: str, standing: Standing) -> bool: ...


class DutyViews:
    """The views; `shown` makes JSON of a standing, `agents` are the numbers there are."""

    def __init__(
        self,
        roster: Roster,
        shown: Callable[[Standing], dict[str, object]],
        agents: Callable[[], Collection[str]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._roster = roster
        self._shown = shown
        self._agents = agents
        self._clock = clock

    def add_to(self, app: web.Application) -> None:
        """Put the views into an application, which has rights."""
        app.add_routes(
            [
                web.get("/api/agents/{agent}/duty", self.duty),
                web.put("/api/agents/{agent}/duty", self.change),
            ]
        )

    async def duty(self, request: web.Request) -> web.Response:
        """Return where an agent stands."""
        agent = request.match_info["agent"]
        if agent not in self._agents():
            return error(404, f"there is no agent {quoted(agent)}")
        return web.json_response(self._shown(self._roster.of(agent)))

    async def change(self, request: web.Request) -> web.Response:
        """Let an agent stand otherwise; `switch_told` says whether the switch knows it already."""
        agent = request.match_info["agent"]
        who = may_change(request, agent)
        if agent not in self._agents():
            return error(404, f"there is no agent {quoted(agent)}")
        try:
            given = await said(request)
        except ValueError:
            given = None
        texts = isinstance(given, dict) and all(isinstance(v, str) for v in given.values())
        if not isinstance(given, dict) or not texts or not {"duty"} <= set(given) <= KEYS:
            return error(400, 'JSON such as {"duty": "paused", "reason": "meal"} is expected')
        try:
            reason = given.get("reason", "")
            standing = asked(given["duty"], reason, who.name, self._clock())
        except ValueError as wrong:
            return error(400, str(wrong))
        is_told = await self._roster.change(agent, standing)
        return web.json_response(self._shown(standing) | {"switch_told": is_told})
