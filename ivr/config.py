"""Settings: `ivr.yaml`, then the environment (`IVR_…`), then the command's options."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)

from ivr.errors import FlowError, IvrError, Problem, Where, nearest
from ivr.flow import check, project
from ivr.flow.project import Project, Sources

FILE = "ivr.yaml"
Port = Annotated[int, Field(ge=1, le=65535)]


def _ports(text: str) -> str:
    found = re.fullmatch(r"(\d{4,5})-(\d{4,5})", text)
    if not found or not 1024 <= int(found[1]) < int(found[2]) <= 65535:
        raise ValueError("a range of ports such as 20000-20999 is expected")
    return text


def _local(host: str) -> str:
    if not re.fullmatch(r"[0-9.]+|[0-9a-f:]+", host):
        raise ValueError("an address such as 127.0.0.1 is expected")
    return host


Host = Annotated[str, AfterValidator(_local)]


class Settings(BaseSettings):
    """All settings; `root` is the folder of `ivr.yaml`, which relative paths start from."""

    model_config = SettingsConfigDict(env_prefix="IVR_", extra="forbid", frozen=True)

    root: Path = Path()
    numbers: dict[str, str] = {"10086": "hotline"}
    state_dir: Path = Path("var")
    sip_host: Host = "127.0.0.1"
    sip_port: Port = 5060
    rtp_ports: Annotated[str, AfterValidator(_ports)] = "20000-23999"
    agi_port: Port = 4573
    ami_port: Port = 5038
    http_host: Host = "127.0.0.1"
    http_port: Port = 8080
    backend_port: Port = 8081
    services: dict[str, str] = {}
    flows: Path = Path("flows")
    prompts: Path = Path("prompts")
    desks: Path = Path("asterisk-config/desks.yaml")
    most_calls: Annotated[int, Field(ge=1, le=100_000)] = 1000
    database: str | None = None
    switch_prefix: Path = Path("~/.cache/ivr-hotline/asterisk")
    debian_mirror: str | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options first, then the environment, then the file."""
        file = YamlConfigSettingsSource(settings_cls, find_root() / FILE)
        return init_settings, env_settings, file

    def at(self, path: Path) -> Path:
        """Return a path of the settings as it is on this machine."""
        return (self.root / path.expanduser()).absolute()

    @property
    def state(self) -> Path:
        """Where this instance keeps its state."""
        return self.at(self.state_dir)

    @property
    def takes(self) -> Path:
        """Where built clips are kept; every instance of this checkout shares them."""
        return self.at(self.prompts) / "built"

    @property
    def recordings(self) -> Path:
        """Where callers' messages are kept."""
        return self.state / "recordings"

    @property
    def backend_url(self) -> str:
        """Where the demo back end answers."""
        return f"http://127.0.0.1:{self.backend_port}"

    @property
    def web_url(self) -> str:
        """Where the operators' pages are."""
        return f"http://{self.http_host}:{self.http_port}"

    @property
    def records_url(self) -> str:
        """The database of call records."""
        return self.database or f"sqlite+aiosqlite:///{self.state / 'calls.db'}"

    def environment(self) -> dict[str, str]:
        """Return these settings as the environment of a process that shall have the same."""
        given = self.model_dump(mode="json", exclude_none=True)
        texts = {name: v for name, v in given.items() if not isinstance(v, dict)}
        tables = {name: json.dumps(v) for name, v in given.items() if isinstance(v, dict)}
        return {f"IVR_{name.upper()}": str(value) for name, value in {**texts, **tables}.items()}


def find_root() -> Path:
    """Return the folder of `ivr.yaml`: IVR_ROOT, this folder or one above, else this one."""
    if given := os.environ.get("IVR_ROOT"):
        return Path(given)
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / FILE).is_file()), here)


def settings(**options: Any) -> Settings:
    """Read the settings. Raises `IvrError` that names each wrong one and where it may stand."""
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings(root=find_root(), **given)
    except ValidationError as fault:
        raise IvrError("\n".join(_told(error) for error in fault.errors())) from None
    except Exception as fault:  # YAML that cannot be read: the library's own text has the place
        raise IvrError(f"{FILE}: {fault}") from None


def _told(error: Any) -> str:
    name = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{FILE}: there is no setting '{name}'{nearest(name, Settings.model_fields)}"
    reason = error["msg"].removeprefix("Value error, ")
    option = name.replace("_", "-")
    return f"'{name}' ({FILE}, IVR_{name.upper()} or --{option}): {reason}; given: {error['input']}"


def sources(settings: Settings, queues: Iterable[str]) -> Sources:
    """Read the files of the project from disk. Raises `FlowError` for one that cannot be read."""
    problems: list[Problem] = []
    texts: dict[str, dict[str, str]] = {}
    for folder in (settings.flows, settings.prompts):
        found = texts[str(folder)] = {}
        if not settings.at(folder).is_dir():
            problems.append(Problem(Where(str(folder)), "there is no such folder", "unreadable"))
        for path in sorted(settings.at(folder).glob("*.yaml")):
            name = f"{folder}/{path.name}"
            if path.name.endswith(".test.yaml"):
                continue
            try:
                found[name] = path.read_text(encoding="utf-8-sig")
            except (OSError, UnicodeDecodeError) as fault:
                problems.append(Problem(Where(name), f"cannot be read: {fault}", "unreadable"))
    if problems:
        raise FlowError(problems)
    return Sources(texts[str(settings.flows)], texts[str(settings.prompts)], set(queues))


def load(given: Sources, numbers: dict[str, str]) -> Project:
    """Read and check a project that shall run. Raises `FlowError` with every mistake in it."""
    loaded, problems = project.read(given)
    problems += check.check(loaded)
    for number, flow in numbers.items():
        if flow not in loaded.flows:
            near = nearest(flow, loaded.flows)
            message = f"number {number} leads to flow '{flow}', which there is none of{near}"
            problems.append(Problem(Where(FILE), message, "no-such-flow"))
    if problems:
        raise FlowError(problems)
    return loaded
