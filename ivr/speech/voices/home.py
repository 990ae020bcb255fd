"""Where the engines live: the Python that `make voices` makes, beside the one that runs here."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path

# In the checkout, out of git's sight.
HOME = Path(__file__).parents[3] / ".voices"


@dataclass(frozen=True)
class Home:
    """A folder as `make voices` leaves it. `stamp` is written last: without it nothing counts."""

    folder: Path = HOME

    @property
    def stamp(self) -> Path:
        return self.folder / "installed"

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def speakers(self) -> Path:
        """Where Kokoro's speakers are, one `.bin` each, with their licence."""
        return self.folder / "kokoro"

    def python_with(self, package: str) -> Path | None:
        """Return a Python that has a package: the one made here, else the running one."""
        made = self.folder.glob(f"lib/python3*/site-packages/{package}")
        if self.stamp.exists() and self.python.exists() and any(made):
            return self.python
        return Path(sys.executable) if importlib.util.find_spec(package) else None
