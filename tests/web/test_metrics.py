"""`GET /metrics` on a port."""

import aiohttp
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from ivr.web.metrics import MetricsView
from ivr.web.site import serving


async def test_metrics_are_told_as_the_asker_accepts_them() -> None:
    asked = []

    async def tell(accept: str) -> tuple[bytes, str]:
        asked.append(accept)
        return b"up 1\n", CONTENT_TYPE_LATEST

    app = web.Application()
    MetricsView(tell).add_to(app)
    async with (
        serving(app, port=0) as port,
        aiohttp.ClientSession(headers={"Accept": "text/plain"}) as http,
        http.get(f"http://127.0.0.1:{port}/metrics") as answer,
    ):
        assert (answer.status, await answer.text()) == (200, "up 1\n")
        assert answer.headers["Content-Type"] == CONTENT_TYPE_LATEST
    assert asked == ["text/plain"]
