"""Call files on a disk that hangs: nobody waits for it, and what was asked first comes first."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ivr.desk.call_files import CallFiles


def names(folder: Path) -> list[str]:
    """Return what there is in a folder."""
    return sorted(path.name for path in folder.iterdir())


@asynccontextmanager
async def hanging(spool: Path, files: CallFiles) -> AsyncIterator[None]:
    """Let the disk hang while the block runs, in the midst of a file that is written."""
    # Who opens a pipe to write waits until somebody reads it.
    os.mkfifo(spool / "hangs.call")
    files.post(("the one that hangs",), lambda fault: None, "hangs")
    try:
        yield
    finally:
        await asyncio.sleep(0)  # by then what is called off is told to the thread
        with (spool / "hangs.call").open() as read:  # the disk is well again
            read.read()
        await files.do((spool / "outgoing" / "hangs.call").unlink)


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    (tmp_path / "outgoing").mkdir()
    return tmp_path


async def test_a_disk_that_hangs_holds_nobody_and_order_is_kept(spool: Path) -> None:
    files, faults = CallFiles(spool), list[OSError]()
    async with hanging(spool, files):
        sent = files.send(("Data: 1",), "1")
        files.post(("Data: 2",), faults.append, "1")
        off = files.send(("Data: 3",), "3")
        off.cancel()
        await asyncio.sleep(0)
        assert not sent.done() and not names(spool / "outgoing")
    await sent
    assert await files.do((spool / "outgoing" / "1.call").read_text) == "Data: 2\n"
    assert names(spool / "outgoing") == ["1.call"]
    assert not faults


async def test_a_fault_is_told_to_who_waits_and_by_who_does_not(tmp_path: Path) -> None:
    files, faults = CallFiles(tmp_path), list[OSError]()
    files.post(("Data: 1",), faults.append)
    with pytest.raises(OSError, match="outgoing"):
        await files.send(("Data: 2",), "2")
    assert [type(fault) for fault in faults] == [FileNotFoundError]
    assert names(tmp_path) == []
