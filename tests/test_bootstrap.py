"""bootstrap.py in a tree of its own, where everything is already done or something is missing."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ivr.switch.plan import HOME


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "ivr").mkdir()
    for name in ("ivr/bootstrap.py", "pyproject.toml", "requirements.lock"):
        shutil.copy(HOME / name, tmp_path / name)
    return tmp_path


def bootstrap(tree: Path, path: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(tree / "ivr" / "bootstrap.py")]
    return subprocess.run(
        command, env={"PATH": path}, capture_output=True, text=True, check=False, cwd=tree
    )


def fakes(tree: Path, **programs: str) -> str:
    place = tree / "bin"
    place.mkdir()
    for name, text in programs.items():
        (place / name.replace("_", "-")).write_text(f"#!/bin/sh\n{text}\n")
        (place / name.replace("_", "-")).chmod(0o755)
    return str(place)


def done(tree: Path) -> None:
    """Leave a .venv and the stamp that says what it was made from."""
    (tree / ".venv" / "bin").mkdir(parents=True)
    code = "from ivr.bootstrap import STAMP, fingerprint; STAMP.write_text(fingerprint())"
    subprocess.run([sys.executable, "-c", code], cwd=tree, env={"PYTHONPATH": "."}, check=True)


def test_a_second_run_does_nothing(tree: Path) -> None:
    path = fakes(tree, sox="exit 0", espeak_ng="exit 0", openssl="exit 0")
    done(tree)
    ran = bootstrap(tree, path)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


PIP = """
import pathlib, sys
with open("asked", "a") as asked:
    asked.write(" ".join(sys.argv[1:]) + "\\n")
print("Collecting one")
sys.exit("no network" if pathlib.Path("offline").exists() and "install" in sys.argv else 0)
"""


def stale(tree: Path) -> None:
    """Leave a .venv that was made from something else, with a pip that installs nothing."""
    real = str(Path(sys.executable).resolve())
    venv = tree / ".venv"
    subprocess.run([real, "-m", "venv", "--without-pip", str(venv)], check=True)
    pip = next(venv.glob("lib/python*/site-packages")) / "pip"
    pip.mkdir()
    (pip / "__init__.py").touch()
    (pip / "__main__.py").write_text(PIP)
    (venv / "bootstrapped").write_text("something else")


def real_bootstrap(tree: Path, path: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).resolve()), "-I", str(tree / "ivr" / "bootstrap.py")]
    return subprocess.run(
        command, env={"PATH": path}, capture_output=True, text=True, check=False, cwd=tree
    )


def test_a_changed_lock_is_installed_with_every_hash_checked(tree: Path) -> None:
    path = fakes(tree, sox="exit 0", espeak_ng="exit 0", openssl="exit 0")
    stale(tree)
    ran = real_bootstrap(tree, path)
    assert (ran.returncode, ran.stderr) == (0, "")
    _, packages, project = (tree / "asked").read_text().splitlines()
    assert packages.endswith(f"--require-hashes -r {tree}/requirements.lock")
    assert project.endswith(f"--no-deps --no-build-isolation --editable {tree}")
    assert real_bootstrap(tree, path).stdout == ""


def test_a_failed_installation_is_told_and_tried_again(tree: Path) -> None:
    path = fakes(tree, sox="exit 0", espeak_ng="exit 0", openssl="exit 0")
    stale(tree)
    (tree / "offline").touch()
    ran = real_bootstrap(tree, path)
    assert ran.returncode == 1
    assert "could not be installed; look at the network and start again" in ran.stderr
    assert "no network" in ran.stderr
    (tree / "offline").unlink()
    assert real_bootstrap(tree, path).returncode == 0


def test_what_is_missing_is_named_by_its_package(tree: Path) -> None:
    ran = bootstrap(tree, fakes(tree, sox="exit 0"))
    assert ran.returncode == 1
    assert "espeak-ng" in ran.stderr
    assert "sox" not in ran.stderr
    assert "Traceback" not in ran.stderr


def test_root_installs_what_is_missing_and_updates_only_when_needed(tree: Path) -> None:
    log, bin_ = tree / "log", tree / "bin"
    apt = f"""
echo "$@" >> {log}
[ -e {tree}/updated ] || [ "$1" = update ] || exit 100
[ "$1" = update ] && /bin/touch {tree}/updated
[ "$1" = install ] && printf '#!/bin/sh\\n' > {bin_}/espeak-ng && /bin/chmod +x {bin_}/espeak-ng
exit 0"""
    path = fakes(tree, sox="exit 0", openssl="exit 0", apt_get=apt, id="echo 0")
    done(tree)
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os; os.geteuid = lambda: 0\n"
            "from ivr import bootstrap; raise SystemExit(bootstrap.main())",
        ],
        env={"PATH": path, "PYTHONPATH": "."},
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    line = "install --yes --no-install-recommends espeak-ng"
    assert log.read_text().splitlines() == [line, "update", line]


def test_a_plain_user_is_told_the_line_to_run(tree: Path) -> None:
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os; os.geteuid = lambda: 1000\n"
            "from ivr import bootstrap; raise SystemExit(bootstrap.main())",
        ],
        env={"PATH": fakes(tree, apt_get="exit 0"), "PYTHONPATH": "."},
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert (
        "\n    apt-get install --yes --no-install-recommends espeak-ng openssl sox\n" in ran.stderr
    )
