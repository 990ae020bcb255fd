"""An Asterisk that can be started, wherever it came from."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ivr.errors import IvrError

# 22.10.1 fixed twenty advisories; what we install ourselves must have them.
OLDEST_TO_INSTALL = (22, 10)
# Who brings an Asterisk of their own answers for it; before 20 there is no app_dtmfstore.
OLDEST_ON_PATH = (20, 0)
# Modules the hotline cannot do without, and some packages leave out.
NEEDED = ("chan_pjsip.so", "app_queue.so", "app_dtmfstore.so", "res_agi.so", "format_pcm.so")
# Written last, atomically: a prefix without it is half unpacked.
MARKER = "complete.json"

_VERSION = re.compile(r"\bAsterisk (?:certified[-/])?(\d+)\.(\d+)[\w.~+-]*")
_FOREIGN_MODULES = ("/usr/lib/asterisk/modules", "/usr/lib64/asterisk/modules")


class SwitchError(IvrError):
    """The switch cannot be had, configured or started; the text says what to do."""


@dataclass(frozen=True)
class Softswitch:
    """How to start one Asterisk: command, modules, shared files (`astdatadir`) and version."""

    argv: tuple[str, ...]
    modules: Path
    share: Path
    version: str

    def console(self, etc: Path, command: str, seconds: float = 10.0) -> str:
        """Return what the running switch configured in `etc` answers to a console command.

        Raises SwitchError when no switch answers within `seconds`.
        """
        argv = [*self.argv, "-C", str(etc / "asterisk.conf"), "-rx", command]
        try:
            done = subprocess.run(
                argv, capture_output=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            raise SwitchError(f"the switch did not answer '{command}' in {seconds:g} s") from None
        except OSError as error:
            raise SwitchError(f"cannot run {self.argv[0]}: {error.strerror}") from error
        if done.returncode != 0:
            words = (done.stdout + done.stderr).decode("utf-8", "replace").strip()
            raise SwitchError(f"the switch of {etc} does not answer: {words[-300:] or 'no reason'}")
        return done.stdout.decode("utf-8", "replace")


def version_of(argv: Iterable[str]) -> str | None:
    """Return the version an Asterisk command reports, `22.10.1` for one, or None."""
    try:
        done = subprocess.run(
            [*argv, "-V"], capture_output=True, timeout=20, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.search(done.stdout.decode("utf-8", "replace"))
    return found.group(0).removeprefix("Asterisk ") if found and done.returncode == 0 else None


def numbers(version: str) -> tuple[int, int]:
    """Return major and minor of a version such as `22.10.1~dfsg`; (0, 0) when it has none."""
    found = re.search(r"(\d+)\.(\d+)", version)
    return (int(found.group(1)), int(found.group(2))) if found else (0, 0)


def find(prefix: Path) -> Softswitch | None:
    """Return a usable Asterisk: the one on the PATH if it is 20 or newer, else the prefix's.

    One on the PATH that lacks a module we need is passed over. None when there is neither.
    """
    return _on_path() or installed(prefix)


def installed(prefix: Path) -> Softswitch | None:
    """Return the Asterisk that was completely installed under `prefix`, or None."""
    try:
        marker = json.loads((prefix / MARKER).read_text(encoding="utf-8"))
        version = str(marker["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    found = unpacked(prefix, version)
    return found if found and _lacks_nothing(found.modules) else None


def unpacked(prefix: Path, version: str) -> Softswitch | None:
    """Return the Asterisk whose packages are unpacked under `prefix`, or None.

    It is started through the loader that was unpacked with it: its libraries are newer than
    the system's, and the system is not touched.
    """
    usr = prefix / "root" / "usr"
    modules = next(iter(sorted(usr.glob("lib/*/asterisk/modules"))), None)
    if modules is None:
        return None
    libraries = modules.parent.parent
    loader = next(iter(sorted(libraries.glob("ld-linux*.so.*"))), None)
    program = usr / "sbin" / "asterisk"
    if loader is None or not program.is_file():
        return None
    paths = [libraries, prefix / "root" / "lib" / libraries.name]
    search = ":".join(str(path) for path in paths if path.is_dir())
    argv = (str(loader), "--library-path", search, str(program))
    return Softswitch(argv, modules, usr / "share" / "asterisk", version)


def _on_path() -> Softswitch | None:
    program = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin")
    version = version_of([program]) if program else None
    if program is None or version is None or numbers(version) < OLDEST_ON_PATH:
        return None
    root = Path(program).resolve().parent.parent
    places = [Path(place) for place in _FOREIGN_MODULES]
    places += [root / "lib" / "asterisk" / "modules", *root.glob("lib/*/asterisk/modules")]
    modules = next((place for place in places if _lacks_nothing(place)), None)
    shares = (root / "share" / "asterisk", Path("/usr/share/asterisk"), Path("/var/lib/asterisk"))
    # Without its XML documentation Asterisk 22 refuses to register its own settings.
    share = next((place for place in shares if (place / "documentation").is_dir()), None)
    if modules is None or share is None:
        return None
    return Softswitch((program,), modules, share, version)


def _lacks_nothing(modules: Path) -> bool:
    return all(os.access(modules / name, os.R_OK) for name in NEEDED)
