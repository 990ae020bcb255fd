"""Work beside the calls: it ends with its block, and no fault ends it before."""

import asyncio
from contextlib import suppress

from ivr.meanwhile import again_and_again, meanwhile


class Enough(BaseException):
    """Ends what never ends."""


async def test_work_ends_with_its_block() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with meanwhile(work(), "some work"):
        await asyncio.sleep(0)
        assert not ended.is_set()
    assert ended.is_set()


async def test_a_fault_is_told_once_until_a_look_succeeds_and_no_look_is_left_out() -> None:
    looks = iter((OSError("full"), OSError("full"), None, OSError("full"), KeyError("x"), Enough()))
    told: list[tuple[str, bool]] = []

    async def look() -> None:
        if fault := next(looks):
            raise fault

    async def pause() -> None:
        await asyncio.sleep(0)

    def tell(said: str, fault: Exception, exc_info: Exception | None) -> None:
        told.append((said % fault, exc_info is not None))

    with suppress(Enough):
        await again_and_again(look, pause, tell, "it waits: %s", OSError)
    assert told == [("it waits: full", False)] * 2


async def test_a_fault_of_ours_is_told_with_a_trace() -> None:
    looks = iter((KeyError("x"), Enough()))
    traced: list[Exception | None] = []

    async def look() -> None:
        raise next(looks)

    def tell(said: str, fault: Exception, exc_info: Exception | None) -> None:
        traced.append(exc_info)

    with suppress(Enough):
        await again_and_again(look, lambda: asyncio.sleep(0), tell, "it waits: %s", OSError)
    assert isinstance(traced[0], KeyError)
