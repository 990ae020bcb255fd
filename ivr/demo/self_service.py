"""What customers of the demo carrier do by themselves, as routes of its back end.

    GET  /customers/13800138000/usage             → {"plan": "5G-30", "left": "12.5GB", …}
    POST /customers/13800138000/recharges         {"card": "2026112500000012"} → {"outcome": …}
    GET  /customers/13800138000/services/roaming  → {"state": "off"}
    POST /customers/13800138000/services/roaming  {"state": "on"}
    POST /customers/13800138000/proofs            {"pin": "138000"} or {"id_card": …} → {"proof": …}
    GET  /customers/13800138000/suspension        → {"state": "in service"}
    POST /customers/13800138000/suspension        → {"state": "suspended"}
    POST /complaints                              {"number": …, "topic": …, "recording": …}

Everybody's password is the end of her number, and her identity card is the example of
GB 11643-1999. After three wrong proofs a number is locked until the back end starts again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated
from uuid import uuid4
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from ivr.demo.bodies import Words, read
from ivr.demo.customers import Customers
from ivr.demo.lines import SERVICES, Lines, State

ID_CARD = "11010519491231002X"
PIN_DIGITS = 6
MOST_WRONG_PROOFS = 3
FIRST_TICKET = 20_260_000

_CUSTOMER = "/customers/{number:[0-9]{3,20}}"
_ZONE = ZoneInfo("Asia/Shanghai")

Code = Annotated[str, Field(strict=True, pattern=r"^[0-9X]{1,32}$")]
"""Digits, as the caller typed them."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Recharge(_Body):
    """A recharge card."""

    card: Code


class Wanted(_Body):
    """How a service is wanted."""

    state: State


class Proof(_Body):
    """Who somebody says she is: her password, or her identity card."""

    pin: Code = ""
    id_card: Code = ""


class Filed(_Body):
    """A complaint."""

    number: Annotated[str, Field(strict=True, pattern=r"^[0-9]{0,20}$")]
    topic: Words
    recording: Annotated[str, Field(strict=True, min_length=1, max_length=500)]


class SelfService:
    """The routes. `fault` is awaited first and may answer in place of the truth."""

    def __init__(
        self,
        customers: Customers,
        lines: Lines,
        fault: Callable[[], Awaitable[web.Response | None]],
    ) -> None:
        self._customers = customers
        self._lines = lines
        self._fault = fault
        self._wrong = Counter[str]()

    def routes(self) -> list[web.RouteDef]:
        """Return them; they go before the route of the customer herself, which takes all."""
        service = f"{_CUSTOMER}/services/{{service:{'|'.join(SERVICES)}}}"
        return [
            web.get(f"{_CUSTOMER}/usage", self._of_customer(self._usage)),
            web.post(f"{_CUSTOMER}/recharges", self._of_customer(self._recharge)),
            web.get(service, self._of_customer(self._service)),
            web.post(service, self._of_customer(self._switch)),
            web.post(f"{_CUSTOMER}/proofs", self._of_customer(self._prove)),
            web.get(f"{_CUSTOMER}/suspension", self._of_customer(self._suspension)),
            web.post(f"{_CUSTOMER}/suspension", self._of_customer(self._suspend)),
            web.post("/complaints", self._complain),
        ]

    def _of_customer(
        self, answer: Callable[[web.Request, str], Awaitable[dict[str, str]]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Return `answer` as a route: 404 where there is no such customer."""

        async def route(request: web.Request) -> web.Response:
            if fault := await self._fault():
                return fault
            number = request.match_info["number"]
            if await self._customers.find(number) is None:
                raise web.HTTPNotFound(text=f"there is no customer {number}")
            return web.json_response(await answer(request, number))

        return route

    async def _usage(self, request: web.Request, number: str) -> dict[str, str]:
        customer = await self._customers.find(number) or {"plan": ""}
        size = re.search("[0-9]+", customer["plan"])
        gigabytes = int(size[0]) if size else 200
        today = datetime.now(_ZONE).date()
        first = today.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return {
            "plan": f"5G-{gigabytes}",
            "left": f"{gigabytes * 5 / 12:.1f}GB",
            "minutes": f"{gigabytes * 5}m",
            "period": f"{first}/{last}",
        }

    async def _recharge(self, request: web.Request, number: str) -> dict[str, str]:
        card = (await read(request, Recharge)).card
        # Without a key each request is one of its own.
        key = request.headers.get("Idempotency-Key", "")[:64] or uuid4().hex
        done = await self._lines.recharge(number, card, key)
        balance = f"{done.balance:.2f}"
        return {"outcome": done.outcome, "amount": f"{done.amount:.2f}", "balance": balance}

    async def _service(self, request: web.Request, number: str) -> dict[str, str]:
        is_on = await self._lines.holds(number, request.match_info["service"])
        return {"state": "on" if is_on else "off"}

    async def _switch(self, request: web.Request, number: str) -> dict[str, str]:
        state = (await read(request, Wanted)).state
        await self._lines.change(number, **{request.match_info["service"]: state == "on"})
        return {"state": state}

    async def _prove(self, request: web.Request, number: str) -> dict[str, str]:
        proof = await read(request, Proof)
        if self._wrong[number] >= MOST_WRONG_PROOFS:
            return {"proof": "locked"}
        if proof.pin == number[-PIN_DIGITS:] or proof.id_card == ID_CARD:
            del self._wrong[number]
            return {"proof": "right"}
        self._wrong[number] += 1
        return {"proof": "wrong"}

    async def _suspension(self, request: web.Request, number: str) -> dict[str, str]:
        is_suspended = await self._lines.holds(number, "suspended")
        return {"state": "suspended" if is_suspended else "in service"}

    async def _suspend(self, request: web.Request, number: str) -> dict[str, str]:
        await self._lines.change(number, suspended=True)
        return {"state": "suspended"}

    async def _complain(self, request: web.Request) -> web.Response:
        filed = await read(request, Filed)
        if fault := await self._fault():
            return fault
        ticket = await self._lines.complain(filed.number, filed.topic, filed.recording)
        return web.json_response({"ticket": str(FIRST_TICKET + ticket)})
