"""`GET /metrics`, for Prometheus."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

Tell = Callable[[str], Awaitable[tuple[bytes, str]]]
"""Returns all metrics and their content type, for what the asker accepts."""


class MetricsView:
    """The view; `tell` says what there is."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def add_to(self, app: web.Application) -> None:
        """Put the view into an application."""
        app.add_routes([web.get("/metrics", self.view)])

    async def view(self, request: web.Request) -> web.Response:
        """Return all metrics."""
        body, content_type = await self._tell(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type})
