"""What the switch keeps of calls whose callers hung up while no controller led them."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from ivr.desk.actions import Lists
from ivr.desk.call_files import CallFiles
from ivr.desk.faults import AmiRefused
from ivr.flow.left import Left
from ivr.flow.opening import Opening
from ivr.flow.packing import Unreadable
from ivr.flow.project import Project
from ivr.flow.record import CallRecord

_log = logging.getLogger(__name__)

# In the switch's own database; dialplans/left.conf writes it, and takes away what is taken.
FAMILY = "left"
TAKEN = "left-taken"

Version = Callable[[str], Awaitable[Project]]
"""Returns the flows of a version, or of the nearest one there is."""


class LeftJournals:
    """Reads them over AMI, and takes them away by files in the switch's `spool`."""

    def __init__(self, ami: Lists, spool: CallFiles, version: Version) -> None:
        self._ami = ami
        self._spool = spool
        self._version = version

    async def records(self) -> dict[str, CallRecord]:
        """Return the records of those calls by the switch's name for each. Raises AmiError."""
        try:
            found = await self._ami.actions({"Action": "DBGetTree", "Family": FAMILY})
        except AmiRefused:  # there is none
            return {}
        records: dict[str, CallRecord] = {}
        for item in found:
            name = item.get("Key", "").rpartition("/")[2]
            try:
                records[name] = await self._record(Left.read(item.get("Val", "")))
            except (Unreadable, KeyError) as fault:
                _log.error("what is kept of call %s cannot be read: %s", name, fault)
                self.take_away(name)
        return records

    async def _record(self, left: Left) -> CallRecord:
        opening, _ = Opening.read(left.texts[0] if left.texts else "")
        return left.record(await self._version(opening.version))

    def take_away(self, name: str) -> None:
        """Have the switch forget one."""
        lines = (f"Channel: Local/{name}@{TAKEN}/n", "Application: NoOp", "MaxRetries: 0")

        def tell(fault: OSError) -> None:
            _log.warning("what was kept of call %s stays in the switch: %s", name, fault.strerror)

        self._spool.post(lines, tell)
