"""apt-get and dpkg are small scripts on a PATH of their own; what they unpack is one, too."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ivr.switch.install import find, install
from ivr.switch.softswitch import NEEDED, SwitchError

APT = """#!/bin/sh
# What a Debian would answer; FAKE_FAULT makes it fail.
while [ $# -gt 0 ]; do
    case "$1" in
    -o) case "$2" in Dir::Cache=*) cache="${2#*=}";; Dir::State=*) home="${2#*=}";; esac; shift;;
    -*) flags="$flags $1";;
    *) words="$words $1";;
    esac
    shift
done
echo "$words$flags" >> "$FAKE_LOG"
version="${FAKE_VERSION:-22.10.1}"
case "$words$flags" in
*indextargets*)
    [ "$FAKE_FAULT" = foreign ] && { echo 'Ubuntu|Ubuntu|http://mirror.invalid/ubuntu/'; exit; }
    echo 'Debian|Debian-Security|http://mirror.invalid/security/'
    echo 'Debian|Debian|http://mirror.invalid/debian/';;
*update*)
    cp "$home/sources.list" "$FAKE_LOG.sources"
    [ "$FAKE_FAULT" = network ] && { echo 'E: Failed to fetch InRelease' >&2; exit 100; }
    exit 0;;
*print-uris*)
    for name in libfake asterisk; do
        file="${name}_1%3a$version+dfsg-1_all.deb"
        echo "'http://mirror.invalid/debian/pool/$file' $file 1000 MD5Sum:00"
    done;;
*download-only*)
    cd "$cache/archives" || exit 1
    [ "$FAKE_FAULT" = full ] && { echo 'E: write error: No space left on device' >&2; exit 100; }
    touch "libfake_1%3a$version+dfsg-1_all.deb"
    [ "$FAKE_FAULT" = slow ] && { touch "$FAKE_LOG.halfway"; sleep 60; }
    touch "asterisk_1%3a$version+dfsg-1_all.deb";;
esac
"""

DPKG = """#!/bin/sh
[ "$1" = --print-architecture ] && { echo all; exit; }
echo "unpack" >> "$FAKE_LOG"
lib="$3/usr/lib/fake-linux-gnu"
mkdir -p "$lib/asterisk/modules" "$3/usr/sbin" "$3/usr/share/asterisk"
for module in @needed; do touch "$lib/asterisk/modules/$module"; done
[ "$FAKE_FAULT" = unstartable ] || cp "$FAKE_LOADER" "$lib/ld-linux-fake.so.2"
[ "$FAKE_FAULT" = unstartable ] && cp /bin/false "$lib/ld-linux-fake.so.2"
touch "$3/usr/sbin/asterisk"
"""

LOADER = """#!/bin/sh
echo "Asterisk 22.10.1~dfsg"
"""


class Machine:
    """A PATH with the fakes, and what they were asked."""

    def __init__(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.place, self.prefix = place, place / "prefix"
        self.said: list[str] = []
        self._monkeypatch = monkeypatch
        self._tools = place / "bin"
        self._tools.mkdir()
        self.put("apt-get", APT)
        self.put("dpkg", DPKG.replace("@needed", " ".join(NEEDED)))
        self.put("loader", LOADER)
        monkeypatch.setenv("PATH", f"{self._tools}:/usr/bin:/bin")
        monkeypatch.setenv("FAKE_LOG", str(place / "log"))
        monkeypatch.setenv("FAKE_LOADER", str(self._tools / "loader"))
        monkeypatch.delenv("FAKE_FAULT", raising=False)

    def put(self, name: str, text: str) -> None:
        (self._tools / name).write_text(text)
        (self._tools / name).chmod(0o755)

    def only_fakes(self) -> None:
        self._monkeypatch.setenv("PATH", str(self._tools))

    def fault(self, name: str) -> None:
        self._monkeypatch.setenv("FAKE_FAULT", name)

    def asked(self) -> list[str]:
        log = self.place / "log"
        return log.read_text().splitlines() if log.exists() else []

    def install(self, mirror: str | None = None) -> str:
        return install(self.prefix, self.said.append, mirror).version


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_it_is_started_through_the_loader_that_came_with_it(machine: Machine) -> None:
    assert machine.install() == "22.10.1"
    ready = find(machine.prefix)
    assert ready is not None
    usr = machine.prefix / "root" / "usr"
    assert ready.argv == (
        str(usr / "lib/fake-linux-gnu/ld-linux-fake.so.2"),
        "--library-path",
        str(usr / "lib/fake-linux-gnu"),
        str(usr / "sbin/asterisk"),
    )
    assert ready.modules == usr / "lib/fake-linux-gnu/asterisk/modules"
    assert any("2/2 packages" in line for line in machine.said)


def test_only_sid_of_the_systems_own_mirror_is_read(machine: Machine) -> None:
    machine.install()
    source = (machine.place / "log.sources").read_text()
    assert source.endswith("] http://mirror.invalid/debian/ sid main\n")
    assert source.startswith("deb [arch=all")


def test_a_mirror_can_be_named(machine: Machine) -> None:
    machine.fault("foreign")
    machine.install("https://other.invalid/debian")
    assert "https://other.invalid/debian sid" in (machine.place / "log.sources").read_text()


@pytest.mark.parametrize("mirror", ["http://x/ sid main\ndeb http://y/", "x", "http://x y", ""])
def test_a_mirror_that_is_no_address_is_refused(machine: Machine, mirror: str) -> None:
    machine.fault("foreign")
    with pytest.raises(SwitchError, match="mirror"):
        machine.install(mirror)


def test_the_second_time_nothing_is_run(machine: Machine) -> None:
    machine.install()
    asked = machine.asked()
    assert machine.install() == "22.10.1"
    assert machine.asked() == asked


def test_what_was_killed_in_the_middle_is_taken_up_again(machine: Machine) -> None:
    script = (
        "import sys; from pathlib import Path; from ivr.switch.install import install;"
        "install(Path(sys.argv[1]), print)"
    )
    argv = [sys.executable, "-c", script, str(machine.prefix)]
    with subprocess.Popen(
        argv,
        env={**os.environ, "FAKE_FAULT": "slow"},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
    ) as child:
        while not (machine.place / "log.halfway").exists():
            assert child.poll() is None
        os.killpg(child.pid, signal.SIGKILL)
    assert find(machine.prefix) is None
    half = machine.prefix / "apt" / "cache" / "archives" / "libfake_1%3a22.10.1+dfsg-1_all.deb"
    assert half.exists()
    assert machine.install() == "22.10.1"
    assert find(machine.prefix) is not None


def test_a_half_unpacked_prefix_is_not_found(machine: Machine) -> None:
    machine.install()
    (machine.prefix / "complete.json").unlink()
    assert find(machine.prefix) is None


@pytest.mark.parametrize("version", ["22.9.0", "20.15.2", "18.1.0"])
def test_a_version_with_known_holes_is_refused(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setenv("FAKE_VERSION", version)
    with pytest.raises(SwitchError, match=f"has Asterisk {version}, but older than 22.10"):
        machine.install()
    assert not any("download-only" in line for line in machine.asked())


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("network", "look at the network.*Failed to fetch"),
        ("full", "the disk is full: make 500 MB of room"),
        ("foreign", "name no Debian mirror.*setting debian_mirror"),
        ("unstartable", "does not start on this system"),
    ],
)
def test_every_failure_says_what_to_do(machine: Machine, fault: str, words: str) -> None:
    machine.fault(fault)
    with pytest.raises(SwitchError, match=f"(?s){words}"):
        machine.install()
    assert find(machine.prefix) is None


@pytest.mark.parametrize("tool", ["apt-get", "dpkg"])
def test_a_system_without_apt_is_told_what_else_there_is(machine: Machine, tool: str) -> None:
    machine.only_fakes()
    (machine.place / "bin" / tool).unlink()
    with pytest.raises(SwitchError, match=f"no {tool} on this system.*docker-compose"):
        machine.install()


def test_a_place_that_cannot_be_written_is_told(machine: Machine) -> None:
    machine.prefix.write_text("a file is in the way")
    with pytest.raises(SwitchError, match="cannot install Asterisk under"):
        machine.install()


def test_an_asterisk_on_the_path_comes_first(machine: Machine) -> None:
    machine.install()
    modules = machine.place / "lib" / "asterisk" / "modules"
    modules.mkdir(parents=True)
    (machine.place / "share" / "asterisk" / "documentation").mkdir(parents=True)
    for name in NEEDED:
        (modules / name).touch()
    machine.put("asterisk", "#!/bin/sh\necho Asterisk 20.6.0\n")
    own = find(machine.prefix)
    assert own is not None
    assert (own.version, own.argv) == ("20.6.0", (str(machine.place / "bin" / "asterisk"),))
    (modules / "app_dtmfstore.so").unlink()
    assert _version(machine) == "22.10.1"
    (modules / "app_dtmfstore.so").touch()
    machine.put("asterisk", "#!/bin/sh\necho Asterisk 18.20.0\n")
    assert _version(machine) == "22.10.1"


def _version(machine: Machine) -> str:
    found = find(machine.prefix)
    return found.version if found else ""
