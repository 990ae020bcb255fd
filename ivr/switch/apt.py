"""apt-get with a state of its own: it downloads from Debian and leaves the system alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ivr.switch.softswitch import SwitchError

# The stable releases have no asterisk package; sid has the LTS.
SUITE = "sid"
KEYRINGS = tuple(
    Path("/usr/share/keyrings") / f"debian-archive-keyring.{kind}" for kind in ("pgp", "gpg")
)
MEGA = 1_000_000
_URI = re.compile(r"^'(?P<uri>[^']+)' (?P<file>\S+_(?P<version>[^_\s]+)_\S+\.deb) (?P<size>\d+)")
_MIRROR = re.compile(r"(?:https?|file|mirror\+\w+)://?[\w./:%~+-]+")


@dataclass(frozen=True)
class Package:
    """One file to download: its name, its version as Debian writes it, its size in bytes."""

    file: str
    version: str
    size: int


class Apt:
    """apt-get under `home`, reading only Debian's sid.

    `mirror` is the address of a Debian archive; without one it is learnt from the system's own
    sources. `lock` is a file descriptor the children keep open, so that a lock on it outlives
    this program for as long as one of them still writes. Everything raises SwitchError.
    """

    def __init__(self, home: Path, mirror: str | None, lock: int) -> None:
        for tool, package in (("apt-get", "apt"), ("dpkg", "dpkg")):
            if shutil.which(tool) is None:
                raise SwitchError(
                    f"there is no {tool} on this system ({package}); install Asterisk 20 or newer"
                    " by its own means, so that `asterisk` is on the PATH, or use docker-compose"
                )
        self._home = home
        self._lock = lock
        for place in ("lists/partial", "cache/archives/partial"):
            (home / place).mkdir(parents=True, exist_ok=True)
        (home / "status").touch()
        source = f"deb [{self._options()}] {_checked(mirror or self._mirror())} {SUITE} main\n"
        (home / "sources.list").write_text(source, encoding="utf-8")

    @property
    def archives(self) -> Path:
        """Where the packages arrive."""
        return self._home / "cache" / "archives"

    def update(self) -> None:
        """Fetch the list of packages."""
        self._run(["update"], "the list of packages could not be fetched")

    def wanted(self, name: str) -> tuple[Package, ...]:
        """Return every package `name` needs, itself included, on a system that has none."""
        failure = f"Debian's {SUITE} has no package {name} that can be installed"
        text = self._run(["install", "--print-uris", name], failure)
        rows = [_URI.match(line) for line in text.splitlines()]
        return tuple(Package(row["file"], row["version"], int(row["size"])) for row in rows if row)

    def download(self, name: str, watch: Callable[[], None]) -> None:
        """Download `name` and all it needs, going on where it was broken off.

        `watch` is called about once a second.
        """
        failure = "the packages could not be downloaded"
        self._run(["install", "--download-only", name], failure, watch)

    def unpack(self, package: Path, root: Path) -> None:
        """Unpack one downloaded package under `root`; nothing of it is run."""
        self._checked_run(["dpkg", "-x", str(package), str(root)], f"cannot unpack {package.name}")

    def _options(self) -> str:
        machine = self._checked_run(["dpkg", "--print-architecture"], "dpkg does not work").strip()
        keys = next((f" signed-by={path}" for path in KEYRINGS if path.is_file()), "")
        return f"arch={machine}{keys}"

    def _mirror(self) -> str:
        form = "$(ORIGIN)|$(LABEL)|$(REPO_URI)"
        argv = ["apt-get", "indextargets", "--format", form, "Created-By: Packages"]
        for line in self._checked_run(argv, "apt-get does not work here").splitlines():
            origin, label, address = [*line.split("|"), "", ""][:3]
            if (origin, label) == ("Debian", "Debian") and address:
                return address
        raise SwitchError(
            "this system's apt sources name no Debian mirror, or `apt-get update` was never run;"
            " name one with the setting debian_mirror, or install Asterisk 20 or newer by your"
            " system's own means, so that `asterisk` is on the PATH"
        )

    def _run(self, words: list[str], failure: str, watch: Callable[[], None] | None = None) -> str:
        settings = {
            "Dir::Etc::sourcelist": self._home / "sources.list",
            "Dir::Etc::sourceparts": "-",
            "Dir::State": self._home,
            "Dir::State::lists": self._home / "lists",
            "Dir::State::status": self._home / "status",
            "Dir::Cache": self._home / "cache",
            "Dir::Log": self._home,
            "APT::Install-Recommends": "false",
            "APT::Sandbox::User": "",
            "APT::Update::Error-Mode": "any",
            "APT::Get::List-Cleanup": "false",
            # Broken-off runs are ours to order (see `lock`); apt's own lock only says no.
            "Debug::NoLocking": "true",
            "Acquire::Check-Valid-Until": "false",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "Acquire::http::Timeout": "30",
            "Acquire::https::Timeout": "30",
        }
        options = [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]
        return self._checked_run(["apt-get", "-y", "-q", *options, *words], failure, watch)

    def _checked_run(
        self, argv: list[str], failure: str, watch: Callable[[], None] | None = None
    ) -> str:
        locale = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
        try:
            # Into files: a pipe nobody empties would stop apt while we look at the progress.
            with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
                child = subprocess.Popen(
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    env=locale,
                    pass_fds=(self._lock,),
                )
                _wait(child, watch)
                out.seek(0)
                err.seek(0)
                text, trouble = (file.read().decode("utf-8", "replace") for file in (out, err))
        except OSError as error:
            raise SwitchError(f"{failure}: {argv[0]}: {error.strerror}") from error
        if child.returncode != 0:
            raise SwitchError(_explained(failure, text, trouble))
        return text


def _wait(child: subprocess.Popen[bytes], watch: Callable[[], None] | None) -> None:
    try:
        while True:
            try:
                child.wait(timeout=1.0)
                return
            except subprocess.TimeoutExpired:
                if watch:
                    watch()
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()


def _checked(mirror: str) -> str:
    if not _MIRROR.fullmatch(mirror):
        raise SwitchError(f"'{mirror[:80]}' is not the address of a Debian mirror")
    return mirror


def _explained(failure: str, text: str, trouble: str) -> str:
    words = text + trouble
    marked = [line for line in words.splitlines() if line.startswith(("E:", "W:", "Err:"))]
    said = "\n  ".join((marked or words.strip().splitlines())[-4:])
    if "No space left" in words or "enough free space" in words:
        advice = "the disk is full: make 500 MB of room and start again; it goes on where it was"
    elif "NO_PUBKEY" in words or "is not signed" in words:
        advice = "Debian's keys are missing: install the package debian-archive-keyring"
    else:
        advice = "look at the network (and the mirror), then start again; it goes on where it was"
    return f"{failure}; {advice}\n  {said}" if said else f"{failure}; {advice}"
