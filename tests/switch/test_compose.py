"""docker-compose.yml and its Dockerfiles name only what there is."""

import os
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from ivr.assembly import leading
from ivr.cli import app
from ivr.config import Settings
from ivr.running import run
from ivr.switch.plan import HOME

COMPOSE = yaml.safe_load((HOME / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILES = sorted({part["build"]["dockerfile"] for part in SERVICES.values() if "build" in part})


def test_each_part_is_run_by_the_command_of_its_name() -> None:
    parts = {"switch": run.switch, "controller": leading.lead, "backend": run.demo_backend}
    for name in parts:
        assert SERVICES[name]["command"] == ["run", name]
    assert SERVICES["prompts"]["command"] == ["prompts", "build"]
    runner = CliRunner()
    assert runner.invoke(app, ["prompts", "build", "--help"]).exit_code == 0
    assert runner.invoke(app, ["run", "--help"]).exit_code == 0


def test_every_image_is_built_from_a_file_that_exists() -> None:
    built = {part["image"]: part["build"] for part in SERVICES.values() if "build" in part}
    assert {part["image"] for part in SERVICES.values()} == set(built)
    for build in built.values():
        assert (HOME / build["context"] / build["dockerfile"]).is_file()


def test_ports_are_the_settings_own_defaults() -> None:
    shared = COMPOSE["x-part"]["environment"]
    for name, value in shared.items():
        field = Settings.model_fields[name.removeprefix("IVR_").lower()]
        assert value == f"${{{name}:-{field.default}}}"
    for name in ("switch", "controller", "backend"):
        used = re.findall(r"environ\['(\w+)'\]", " ".join(SERVICES[name]["healthcheck"]["test"]))
        assert used
        assert set(used) <= set(shared)


def test_health_is_asked_in_python_that_compiles() -> None:
    for name in ("switch", "controller", "backend"):
        command, program, option, code = SERVICES[name]["healthcheck"]["test"]
        assert (command, program, option) == ("CMD", "python", "-c")
        compile(code, name, "exec")


def test_all_state_is_in_volumes_that_are_declared() -> None:
    for part in SERVICES.values():
        assert {mount.split(":")[0] for mount in part["volumes"]} == set(COMPOSE["volumes"])
        assert part["network_mode"] == "host"


@pytest.mark.parametrize("file", DOCKERFILES)
def test_an_image_starts_as_nobody_special_and_holds_no_secret(file: str) -> None:
    text = (HOME / file).read_text(encoding="utf-8")
    assert re.findall(r"^USER (\w+)$", text, re.M) == ["ivr"]
    assert re.search(r'^ENTRYPOINT \["ivr"\]$', text, re.M)
    assert (HOME / "ivr" / "bootstrap.py").is_file()
    assert "python3 -I ivr/bootstrap.py" in text
    assert not re.search(r"secret|password|token", text, re.I)
    left_out = (HOME / ".dockerignore").read_text().splitlines()
    assert {".git", ".venv", "var", "ivr.local.yaml"} <= set(left_out)


@pytest.mark.skipif(not shutil.which("docker-compose"), reason="docker-compose is not installed")
def test_docker_compose_accepts_it() -> None:
    command = ["docker-compose", "-f", str(HOME / "docker-compose.yml"), "config", "--quiet"]
    here = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    done = subprocess.run(command, capture_output=True, text=True, env=here, check=False)
    assert (done.returncode, done.stderr) == (0, "")
