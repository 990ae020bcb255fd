"""Settings: `ivr.yaml`, then the environment (`IVR_…`), then the command's options."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    YamlConfigSettingsSource,
)

from ivr.errors import IvrError, nearest
from ivr.flow.fields import Days
from ivr.flow.limits import MenuWithin, PersonWithin
from ivr.flow.project import Project
from ivr.flow.services import MESSAGES
from ivr.setting_forms import (
    BrowserPort,
    Code,
    Form,
    Host,
    Network,
    Order,
    Peer,
    Percent,
    Port,
    Ports,
    Region,
)

FILE = "ivr.yaml"
# The services that the demo back end is, where they are declared.
DEMO = ("billing", MESSAGES)
# Of sound, of a caller and of her agent: two each.
PORTS_PER_CALL = 4

# The best voice offline for each language; a language that is not set keeps its order.
VOICES: Order = {
    "cmn": ("recorded", "kokoro", "espeak"),
    "yue": ("recorded", "espeak"),
    "en": ("recorded", "kokoro", "espeak"),
}


# Where agents send callers by keys, as far as a project has these flows.
SENDS = {"*71": "enter_pin", "*48": "book"}


class Certificate(BaseModel, extra="forbid", frozen=True):
    """What proves to agents' phones and to browsers who we are, in PEM."""

    certificate: Path
    key: Path


class Settings(BaseSettings):
    """All settings; `root` is the folder of `ivr.yaml`, which relative paths start from."""

    model_config = SettingsConfigDict(env_prefix="IVR_", extra="forbid", frozen=True)

    root: Path = Path()
    numbers: dict[str, str] = {"10086": "hotline"}
    sends: dict[Code, str] = SENDS
    state_dir: Path = Path("var")
    sip_host: Host = "127.0.0.1"
    sip_port: Port = 5060
    tls: Certificate | None = None
    tls_port: Port = 5061
    wss_port: BrowserPort = None
    callers_from: Annotated[tuple[Network, ...], Field(max_length=16)] = ("127.0.0.0/8",)
    trunk: Peer = None
    rtp_ports: Ports = "20000-23999"
    agi_port: Port = 4573
    ami_port: Port = 5038
    http_host: Host = "127.0.0.1"
    http_port: Port = 8080
    backend_port: Port = 8081
    services: dict[str, str] = {}
    flows: Path = Path("flows")
    prompts: Path = Path("prompts")
    desks: Path = Path("asterisk-config/desks.yaml")
    agents: Path = Path("asterisk-config/agents.yaml")
    codecs: Annotated[tuple[Form, ...], Field(min_length=1)] = ("alaw", "ulaw")
    voices: Annotated[Order, AfterValidator(lambda given: VOICES | given)] = VOICES
    voice_command: str | None = None
    call_back_countries: tuple[Region, ...] = ("CN",)
    remember_callers: Days = timedelta(days=90)
    keep_records: Annotated[Days, Field(ge=timedelta(days=1))] = timedelta(days=180)
    person_within: PersonWithin = PersonWithin()
    menu_within: MenuWithin = MenuWithin()
    canary_calls: Annotated[int, Field(ge=20, le=10_000)] = 1000
    canary_worse_by: Percent = 5
    standby: bool = True
    most_calls: Annotated[int, Field(ge=1, le=100_000)] = 1000
    most_told: Annotated[int, Field(ge=0, le=10_000)] = 20
    database: str | None = None
    switch_prefix: Path = Path("~/.cache/ivr-hotline/asterisk")
    debian_mirror: str | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"
    log_format: Literal["text", "json"] = "text"

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
        """Where recordings are kept, the studio's and the shipped ones, with their manifests."""
        return self.at(self.prompts) / "takes"

    @property
    def built(self) -> Path:
        """Where built sounds are kept; every instance of this checkout shares them."""
        return self.at(self.prompts) / "built"

    @property
    def recordings(self) -> Path:
        """Where callers' messages are kept."""
        return self.state / "recordings"

    @property
    def talks(self) -> Path:
        """Where recorded talks are kept."""
        return self.state / "talks"

    @property
    def announcements(self) -> Path:
        """Where the sounds of announcements are kept, each in a folder of its own."""
        return self.state / "announcements"

    @property
    def calls_at_once(self) -> int:
        """How many callers are let in: `most_calls`, or as many as there are ports of sound for.

        Without one a call is refused as if its codecs were none of ours (488), and an agent's phone
        does not ring.
        """
        first, last = map(int, self.rtp_ports.split("-"))
        return max(1, min(self.most_calls, (last - first + 1) // PORTS_PER_CALL))

    @property
    def backend_url(self) -> str:
        """Where the demo back end answers."""
        return f"http://127.0.0.1:{self.backend_port}"

    @property
    def web_url(self) -> str:
        """Where the operators' pages are."""
        return f"http{'s' if self.tls else ''}://{self.http_host}:{self.http_port}"

    def service_urls(self, project: Project) -> dict[str, str]:
        """Return where services answer instead of the address flows/services.yaml has."""
        demo = {name: self.backend_url for name in DEMO if name in project.services.urls}
        return demo | self.services

    @property
    def records_file(self) -> Path:
        """Where call records are kept, unless a database is named."""
        return self.state / "calls.db"

    @property
    def records_url(self) -> str:
        """The database of call records."""
        return self.database or f"sqlite+aiosqlite:///{self.records_file}"

    @property
    def has_records(self) -> bool:
        """Whether a database is named, or was made here: who only looks shall make none."""
        return self.database is not None or self.records_file.is_file()

    def environment(self) -> dict[str, str]:
        """Return these settings as the environment of a process that shall have the same.

        But for `sends`: a switch that is started again has the codes that were applied since.
        """
        given = self.model_dump(mode="json", exclude_none=True, exclude={"sends"})
        texts = {name: v for name, v in given.items() if not isinstance(v, dict | list)}
        tables = {name: json.dumps(v) for name, v in given.items() if isinstance(v, dict | list)}
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
        raise IvrError("\n".join(map(_told, _first(fault.errors())))) from None
    except SettingsError as fault:  # only of the environment: its tables and lists are JSON
        name = str(fault).partition('"')[2].partition('"')[0]
        example = """'{"10086": "hotline"}' or '["alaw"]'"""
        raise IvrError(f"IVR_{name.upper()}: JSON is expected, such as {example}") from None
    except Exception as fault:  # YAML that cannot be read: the library's own text has the place
        raise IvrError(f"{FILE}: {fault}") from None


_SHAPES = {
    "tuple_type": "a list such as [recorded, espeak] is expected",
    "dict_type": "names with their values (`name: value`) are expected",
}


def _first(errors: Iterable[Any]) -> Iterator[Any]:
    """Leave out that a list is empty where that is because what it holds was wrong."""
    known = list(errors)
    for error in known:
        inside = (other["loc"][: len(error["loc"])] for other in known if other is not error)
        if error["type"] != "too_short" or error["loc"] not in inside:
            yield error


def _told(error: Any) -> str:
    name, *inside = (str(part) for part in error["loc"] if part != "[key]")
    if error["type"] == "extra_forbidden":
        return f"{FILE}: there is no setting '{name}'{nearest(name, Settings.model_fields)}"
    said = _SHAPES.get(error["type"], error["msg"].removeprefix("Value error, "))
    reason = ": ".join([*inside, said])
    option = name.replace("_", "-")
    return f"'{name}' ({FILE}, IVR_{name.upper()} or --{option}): {reason}; given: {error['input']}"
