"""Supervision over HTTP: a supervisor's phone rung, and the record of who listened to whom."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Protocol

from aiohttp import web

from ivr.desk.supervision import WAYS, Way
from ivr.store.audit import Act
from ivr.web.api import error, quoted, reply
from ivr.web.basic import OPERATOR
from ivr.web.bodies import said
from ivr.web.period import period
from ivr.web.rights import WHO


class Book(Protocol):
    """Where acts are read; may raise StoreError."""

    async def acts(self, begin: datetime, end: datetime, whom: str | None = None) -> list[Act]: ...


class Supervising(Protocol):
    """What rings supervisors, and writes down what was refused; both may raise StoreError."""

    async def ring(self, who: str, supervisor: str, way: Way, agent: str) -> int: ...
    async def refuse(self, who: str, way: Way, agent: str, why: str) -> None: ...


class SuperviseViews:
    """The views; `supervisors` are those whose phones may ring, `talking` the agents who talk."""

    def __init__(
        self,
        work: Supervising,
        audit: Book,
        supervisors: Callable[[], Collection[str]],
        talking: Callable[[], Collection[str]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._work = work
        self._audit = audit
        self._supervisors = supervisors
        self._talking = talking
        self._clock = clock

    def add_to(self, app: web.Application) -> None:
        """Put the views into an application, which has RIGHTS."""
        ways = "|".join(WAYS)
        app.add_routes(
            [
                web.post(f"/api/agents/{{agent:[0-9]{{2,8}}}}/{{way:{ways}}}", self.supervise),
                web.get("/api/audit", self.audit),
            ]
        )

    async def supervise(self, request: web.Request) -> web.Response:
        """Ring the supervisor who asks, or the one whom the operator names."""
        who = request[WHO]
        agent = request.match_info["agent"]
        way = next(way for way in WAYS if way == request.match_info["way"])
        if not who.is_supervisor:
            await self._work.refuse(who.name, way, agent, "no supervisor")
            return error(403, "only supervisors and the operator may do this")
        supervisor = await _named(request) or who.name
        if who.name not in (OPERATOR, supervisor):
            return error(403, f"only the operator may ring {quoted(supervisor)} for this")
        if supervisor not in self._supervisors():
            known = ", ".join(sorted(self._supervisors())) or "nobody"
            return error(400, f"'by' is the number of a supervisor; there are: {known}")
        if agent == supervisor or agent not in self._talking():
            await self._work.refuse(who.name, way, agent, "in no conversation")
            return error(409, f"{agent} is not in a conversation")
        number = await self._work.ring(who.name, supervisor, way, agent)
        return reply(json.dumps({"audit": number, "rings": supervisor}), 202)

    async def audit(self, request: web.Request) -> web.Response:
        """Return who listened to whom, newest first."""
        try:
            begin, end = period(request, {"from", "to", "of"}, self._clock())
        except ValueError as fault:
            return error(400, str(fault))
        acts = await self._audit.acts(begin, end, request.query.get("of"))
        return reply(json.dumps(await asyncio.to_thread(_listed, acts), ensure_ascii=False))


async def _named(request: web.Request) -> str:
    """Return whose phone shall ring, "" where nobody says. Raises HTTPBadRequest."""
    if not await request.read():
        return ""
    try:
        given = await said(request)
    except ValueError:
        given = None
    if not isinstance(given, dict) or set(given) != {"by"} or not isinstance(given["by"], str):
        raise web.HTTPBadRequest(reason='the body is nothing, or {"by": "1009"}')
    return given["by"]


def _listed(acts: list[Act]) -> list[dict[str, object]]:
    return [
        {
            "number": act.entry.number,
            "at": act.entry.at.isoformat(),
            "until": act.until and act.until.isoformat(),
            "who": act.entry.who,
            "what": act.entry.what,
            "whom": act.entry.whom,
            "call": act.entry.call or None,
            "outcome": act.entry.outcome,
            "why": act.why,
        }
        for act in acts
    ]
