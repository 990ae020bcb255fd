"""The controller goes by the desks that were applied last, and by no broken ones."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ivr.errors import FlowError
from ivr.meanwhile import meanwhile
from ivr.switch import applied
from ivr.switch.desks import Desks
from ivr.switch.in_force import InForce, at_start, follow
from tests.switch.test_apply import AGENTS, FULL, desks


@asynccontextmanager
async def followed(etc: Path) -> AsyncIterator["asyncio.Queue[Desks]"]:
    taken: asyncio.Queue[Desks] = asyncio.Queue()
    async with meanwhile(follow(etc, taken.put_nowait), "the desks that are applied"):
        yield taken


def test_files_with_mistakes_keep_no_controller_from_starting_again(tmp_path: Path) -> None:
    (tmp_path / "desks.yaml").write_text("desks: {")
    (tmp_path / "agents.yaml").write_text(AGENTS)
    given = tmp_path / "desks.yaml", tmp_path / "agents.yaml", tmp_path / "etc"
    with pytest.raises(FlowError):
        at_start(*given)
    (tmp_path / "etc").mkdir()
    applied.keep(tmp_path / "etc", desks(), [])
    assert at_start(*given) == desks()
    (tmp_path / "desks.yaml").write_text(FULL.replace("801", "802"))
    assert at_start(*given) == desks(FULL.replace("801", "802"))


async def test_what_is_applied_is_taken_at_the_start_and_each_time_after(tmp_path: Path) -> None:
    applied.keep(tmp_path, desks(), [])
    async with followed(tmp_path) as taken:
        assert await taken.get() == desks()
        fewer = desks(FULL[: FULL.index("  back")])
        applied.keep(tmp_path, fewer, [])
        assert await taken.get() == fewer


def test_who_wants_it_is_told_of_the_desks_that_come() -> None:
    fewer, told = desks(FULL[: FULL.index("  back")]), list[Desks]()
    in_force = InForce(desks())
    in_force.tell(told.append)
    assert (in_force(), told) == (desks(), [])
    in_force.take(fewer)
    assert (in_force(), told) == (fewer, [fewer])


async def test_what_is_not_there_yet_or_broken_changes_nothing(tmp_path: Path) -> None:
    async with followed(tmp_path) as taken:
        (tmp_path / applied.FILE).write_text("{")
        applied.keep(tmp_path, desks(), [])
        assert await taken.get() == desks()
        assert taken.empty()
