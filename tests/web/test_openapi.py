"""The API held against its own description, with questions that schemathesis makes up."""

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from ivr.web.openapi import document
from ivr.web.paths import BY_ROUTE
from ivr.web.told import TOLD
from tests.web.doors import AS_OPERATOR
from tests.web.house import house

# For each path; `IVR_FUZZ_EXAMPLES` asks for many more.
EXAMPLES = int(os.environ.get("IVR_FUZZ_EXAMPLES", "12"))


def test_every_path_but_the_page_is_described() -> None:
    pages = {("GET", path) for path in ("/", "/page.css", "/page.js")}
    assert set(TOLD) == set(BY_ROUTE) - pages
    assert document()["openapi"] == "3.1.0"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The house, in a thread of its own: who asks is not asynchronous."""
    with pytest.MonkeyPatch.context() as patch:
        for most in ("PER_SECOND", "AT_ONCE", "WRONG", "WRONG_FROM_ONE_PLACE"):
            patch.setattr(f"ivr.web.guesses.{most}", 1e6)
        loop, ready = asyncio.new_event_loop(), threading.Event()
        found: list[int] = []
        over = asyncio.Event()

        async def work() -> None:
            async with house(tmp_path_factory.mktemp("house")) as at:
                found.append(at)
                ready.set()
                await over.wait()

        thread = threading.Thread(target=loop.run_until_complete, args=(work(),))
        thread.start()
        assert ready.wait(20)
        yield found[0]
        loop.call_soon_threadsafe(over.set)
        thread.join(20)
        loop.close()


# Events never end, so nobody waits for them here.
ASKED = schemathesis.openapi.from_dict(document()).exclude(path="/api/events")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
    ignored_auth,
]


@ASKED.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_asked_is_answered_as_described(case: Any, port: int) -> None:
    case.call_and_validate(base_url=f"http://127.0.0.1:{port}", headers=AS_OPERATOR, checks=CHECKS)


async def test_the_description_is_told_to_everybody(tmp_path: Path) -> None:
    async with house(tmp_path) as at:
        url = f"http://127.0.0.1:{at}/api/openapi.json"
        async with aiohttp.request("GET", url) as answer:
            assert (answer.status, await answer.json()) == (200, document())
