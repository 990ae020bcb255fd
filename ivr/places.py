"""Where everything of an instance lies: docs/what-is-kept.md tells what it is, and how long."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path


class Places(ABC):
    """What lies in the state directory, for settings that know where that is."""

    @property
    @abstractmethod
    def state(self) -> Path:
        """Where this instance keeps its state."""

    @property
    def records_file(self) -> Path:
        """Where call records are kept, unless a database is named."""
        return self.state / "calls.db"

    @property
    def pending(self) -> Path:
        """Where records wait for a database that does not answer."""
        return self.state / "pending"

    @property
    def recordings(self) -> Path:
        """Where callers' messages are kept."""
        return self.state / "recordings"

    @property
    def talks(self) -> Path:
        """Where recorded talks are kept."""
        return self.state / "talks"

    @property
    def waits(self) -> Path:
        """Where those are who are spoken to while they wait."""
        return self.state / "waits"

    @property
    def announcements(self) -> Path:
        """Where the sounds of announcements are kept, each in a folder of its own."""
        return self.state / "announcements"

    @property
    def log(self) -> Path:
        """Where our parts and the switch write what they do."""
        return self.state / "log"

    @property
    def etc(self) -> Path:
        """Where the switch has its configuration, which is written for it."""
        return self.state / "etc"

    @property
    def spool(self) -> Path:
        """Where the switch takes call files from, and records talks into."""
        return self.state / "spool"
