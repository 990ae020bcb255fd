"""Files that are kept free for calls in progress, where a process may open no more than so many."""

from __future__ import annotations

import logging
import resource

_log = logging.getLogger(__name__)

# What calls that are led open beside their own connection: sounds that are composed, messages,
# look-ups, the database.
KEPT = 64


class SpareFiles:
    """Tells whether one more call may take a file."""

    def __init__(self) -> None:
        self._are_short = False

    def allow(self, file: int) -> bool:
        """Whether a call may keep the file it came with; told in the log where that changes.

        The system gives the lowest number that is free, so the number tells how many are open. The
        limit is asked for each time: `prlimit` changes that of a process that runs.
        """
        most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        are_short = most != resource.RLIM_INFINITY and file >= most - KEPT
        if are_short and not self._are_short:
            _log.error("calls are not led: only %d of %d files are free", max(0, most - file), most)
        elif self._are_short and not are_short:
            _log.warning("calls are led again: there are files for them")
        self._are_short = are_short
        return not are_short
