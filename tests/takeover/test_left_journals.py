"""What the switch keeps of calls that nobody led at their end: read over AMI, and taken away."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from ivr.desk.call_files import CallFiles
from ivr.desk.faults import AmiRefused
from ivr.flow.project import Project
from ivr.takeover.left_journals import LeftJournals
from tests.flow.test_left import PROJECT, kept


async def version(_name: str) -> Project:
    return PROJECT


class Ami:
    """A switch that keeps these."""

    def __init__(self, **kept: str) -> None:
        self.kept = kept

    async def actions(self, headers: Mapping[str, str]) -> list[dict[str, str]]:
        assert headers == {"Action": "DBGetTree", "Family": "left"}
        if not self.kept:
            raise AmiRefused("there is none")
        return [{"Key": f"/left/{name}", "Val": text} for name, text in self.kept.items()]


async def test_their_records_are_read(tmp_path: Path) -> None:
    (tmp_path / "outgoing").mkdir()
    spool = CallFiles(tmp_path)
    journals = LeftJournals(Ami(**{"1.1-1": kept(), "1.2-1": "rubbish"}), spool, version)
    records = await journals.records()
    assert [record.id for record in records.values()] == ["1.1"]
    await spool.do(int)  # what was asked before is done
    (file,) = (tmp_path / "outgoing").iterdir()
    assert "Channel: Local/1.2-1@left-taken/n" in file.read_text(), "what is rubbish is not kept"


async def test_there_are_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    spool = CallFiles(tmp_path)
    journals = LeftJournals(Ami(), spool, version)
    assert await journals.records() == {}
    journals.take_away("1.1-1")  # no spool: it is told in the log, and nothing fails
    await spool.do(int)
    assert "kept of call 1.1-1 stays in the switch" in caplog.text
