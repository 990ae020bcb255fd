"""Business look-ups and text messages over HTTP.

async with Services(declared, {"billing": "http://127.0.0.1:9000"}) as services:
    answer = await services.look_up("billing.balance", {"number": "13800138000"})
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from types import MappingProxyType, TracebackType
from uuid import uuid4

import aiohttp
from yarl import URL

from ivr.flow.services import MESSAGES, Declared, Failed, Found, Lookup, Missing
from ivr.flow.source import Wrong
from ivr.services import trace
from ivr.services.answers import read_answer, read_object
from ivr.services.breaker import Breakers
from ivr.services.messages import OVERLOADED, Message, deliver, refused

LARGEST_ANSWER = 256 * 1024
MOST_CONNECTIONS = 100  # to one back end; more look-ups wait their turn within their time limit

# Between two tries: enough for a back end's restart or a dropped connection, short for a caller.
_BREATH = 0.2

_Answer = Found | Missing | Failed
_Response = AbstractAsyncContextManager[aiohttp.ClientResponse]


class _NoAnswer(Exception):
    """This try brought no answer; the next one may."""


class Services:
    """Asks back ends what the flows want to know; one pool of connections for all calls.

    Use it with `async with`. Raises `IvrError` when `urls` (service → address, in place of the
    declared one) names a service that is not declared or an address that is none.

    `breakers` knows which services are left alone because they fail.
    """

    def __init__(self, declared: Declared, urls: Mapping[str, str] = MappingProxyType({})) -> None:
        self._declared = declared.at(urls)
        self._session: aiohttp.ClientSession | None = None
        self.breakers = Breakers()

    async def __aenter__(self) -> Services:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, limit_per_host=MOST_CONNECTIONS),
            # What a back end sets for one caller must not go along with the next one's question.
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            # 256 kB that unpack to gigabytes are an attack; nothing is ever unpacked.
            auto_decompress=False,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session:
            await self._session.close()
            self._session = None

    def declaring(self, declared: Declared, urls: Mapping[str, str]) -> Services:
        """Return the same back ends as other flows declare them; the connections are shared.

        To be used as long as this one is. Raises what the class raises for `urls`.
        """
        other = Services(declared, urls)
        other._session, other.breakers = self._session, self.breakers
        return other

    async def send(self, to: str, text: str, language: str, key: str = "") -> Failed | None:
        """Send a text message; None means that it was taken, within the time limit.

        Never raises for what a back end does. Every try carries the same `key` (without one, one
        of its own), so that one whose answer was lost is not delivered again. Raises RuntimeError
        outside `async with`.
        """
        if self._session is None:
            raise RuntimeError("messages need `async with Services(…)`")
        post = self._declared.post
        if post is None:
            return Failed(f"services.yaml declares no '{MESSAGES}'")
        message = Message(to, text, language)
        if why := refused(message):
            return why
        base = self._declared.urls[MESSAGES]
        url = URL(base + post.path, encoded=True)
        give = partial(deliver, self._session, url, post, message, key or uuid4().hex)
        return await self.breakers.through(MESSAGES, base, give)

    async def look_up(self, name: str, arguments: Mapping[str, str], key: str = "") -> _Answer:
        """Ask a back end; answer within the look-up's time limit, whatever the back end does.

        Never raises for anything a back end sends or does not send, nor for arguments that
        cannot be sent: these are `Failed`. Cancelling drops the request at once. Raises
        RuntimeError outside `async with`.
        """
        if self._session is None:
            raise RuntimeError("look-ups need `async with Services(…)`")
        lookup = self._declared.lookups.get(name)
        if lookup is None:
            return Failed(f"there is no look-up '{name}'")
        try:
            path, body = lookup.path(arguments), lookup.body(arguments)
        except Wrong as fault:
            return Failed(f"not asked: {fault}")
        base = self._declared.urls[lookup.service]
        url = URL(base + path, encoded=True)
        ask = partial(_get, self._session, url)
        if body is not None:
            # The same for every try: a back end that got the first does it once.
            ask = partial(_post, self._session, url, body, key or uuid4().hex)
        return await self.breakers.through(lookup.service, base, partial(_in_time, ask, lookup))


def _get(session: aiohttp.ClientSession, url: URL) -> _Response:
    return session.get(url, headers=trace.headers(), allow_redirects=False)


def _post(session: aiohttp.ClientSession, url: URL, body: Mapping[str, str], key: str) -> _Response:
    headers = {"Idempotency-Key": key, **trace.headers()}
    return session.post(url, json=body, headers=headers, allow_redirects=False)


async def _in_time(ask: Callable[[], _Response], lookup: Lookup) -> tuple[_Answer, bool]:
    """Return the answer, and whether the service is well."""
    try:
        async with asyncio.timeout(lookup.time_limit):
            return await _try(ask, lookup)
    except TimeoutError:
        return Failed(f"no answer within {lookup.time_limit:g} s"), False


async def _try(ask: Callable[[], _Response], lookup: Lookup) -> tuple[_Answer, bool]:
    for left in reversed(range(lookup.tries)):
        try:
            return await _ask(ask, lookup)
        except _NoAnswer as fault:
            if not left:
                return Failed(f"{fault} (tries: {lookup.tries})"), False
        await asyncio.sleep(_BREATH)
    raise AssertionError("a look-up is tried at least once")


async def _ask(ask: Callable[[], _Response], lookup: Lookup) -> tuple[_Answer, bool]:
    try:
        async with ask() as response:
            if response.status in lookup.missing:
                return Missing(), True
            if response.status >= 500:
                raise _NoAnswer(f"the back end answered {response.status}")
            if response.status != 200:
                # One that refuses what one caller asks for may be well for the others.
                is_well = 400 <= response.status != OVERLOADED
                return Failed(f"the back end answered {response.status}"), is_well
            body = await _body(response)
    except (aiohttp.ClientError, OSError) as fault:
        # Only the kind of fault: the text of some holds the whole address, and with it the
        # caller's number.
        raise _NoAnswer(f"the back end gave no answer: {type(fault).__name__}") from None
    if body is None:
        return Failed(f"the answer is larger than {LARGEST_ANSWER // 1024} kB"), False
    answer = read_object(body)
    if isinstance(answer, Failed):
        return answer, False
    # A value that is none may be one customer's alone.
    return read_answer(answer, lookup.gives), True


async def _body(response: aiohttp.ClientResponse) -> bytes | None:
    """Return the whole body, or None as soon as it is larger than it may be."""
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > LARGEST_ANSWER:
            response.close()
            return None
    return bytes(body)
