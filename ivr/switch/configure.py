"""The switch's configuration, written from the templates in asterisk-config/ and dialplans/.

Values the templates may name::

    @etc @state @run @modules @share    directories
    @calls @open_files                  bounds: calls at once, file descriptors
    @sip_host @sip_port @ami_port @agi_port @rtp_start @rtp_end
    @ami_secret @agi_secret @hold_music @front_desk
    @codecs                             what phones may speak, by its names, best first
    ;each numbers    @number @flow      a dialled number and its flow
    ;each agents     @agent @name @secret, and @phone, the template of her phone
    @features                           what agents do by keys besides passing on (features.conf)
    ;each sends      @key @code @flow   where agents send callers; @key is a name for @code
    ;each passed     @number @desk      the desks to which callers are passed on
    ;each arrivals   @number @desk @flow, and ;each unled for those that name no flow
    @at_first                           the penalty an agent may have at first (ivr/desk/lines.py)
    @middle                             what arrivals are counted down to (ivr/desk/order.py)
    ;each queues     @queue @strategy @ring_for @wrap_up @capacity @weight,
                     ;each members  @agent @name @penalty, ;each relaxing  @desk
    ;each rules      @desk, ;each steps  @after @most
    ;each apology    @sound             what to play when there is no controller
    @most_calls @most_told              callers at once, and those beyond who are told so
    ;each busy       @sound             what they are told
    ;each media      @address           where sound is sent from; no row on 0.0.0.0
    ;each callers_from  @network       where calls are taken from without registration
    ;each tls        @tls_port @certificate @key   one row where phones talk encrypted, or none
    ;each wss        @wss_port and those of tls    one row where phones may be in browsers, or none
    @ice                                yes where phones may be in browsers
    ;each trunks     @trunk             where those are dialled who are called back; one row or none
    @own_number                         the number of ours that they are shown
    ;each dialplans  @file              the files of dialplans/, relative to @etc
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
import resource
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ivr.desk.lines import AT_FIRST
from ivr.desk.order import TENTHS_UNTIL_THEN
from ivr.switch import queues
from ivr.switch.desks import Desks
from ivr.switch.files import private, put
from ivr.switch.queues import Line
from ivr.switch.softswitch import Softswitch, SwitchError
from ivr.switch.template import Value, fill
from ivr.switch.tls import Tls, trouble

HOME = Path(__file__).resolve().parents[2]
# `sun_path` of a UNIX socket, less the final NUL (unix(7)).
LONGEST_SOCKET = 107
MOST_OPEN_FILES = 65_536
# RTP and RTCP; a caller with an agent are two.
PORTS_PER_CHANNEL = 2
MARKER = "written-by-ivr"

# What there are forms of our sounds for, by Asterisk's names.
CODECS = ("alaw", "ulaw", "g722")

_SECRET = re.compile(r"[A-Za-z0-9_-]{16,128}")
_NUMBER = re.compile(r"[0-9*#+]{1,32}")
_TRUNK = re.compile(r"[A-Za-z0-9.-]{1,253}:[0-9]{1,5}")
_CODE = re.compile(r"\*[0-9]{2}")
_FLOW = re.compile(r"[^\W\d][\w-]{0,63}")
# In a dialplan application's arguments these mean something.
_SOUND = re.compile(r"/[^\x00-\x1f\x7f;,&(){}$\"'|\\\[\]]+")
_DIRECTORY = re.compile(r"/[^\x00-\x1f\x7f;\\]*")


@dataclass(frozen=True)
class Plan:
    """Everything one instance of the switch is made of.

    `numbers` maps dialled numbers to flows; `rtp_ports` is the first and the last port of sound;
    `apology` and `busy` hold absolute names of sounds without their ending; `front_desk` is the
    desk of callers for whom there is no controller; `lines` are its queues; `codecs` are those
    phones may speak, best first; `sends` maps codes of agents to the flows they send callers to;
    `trunk` is the "host:port" at which callers are called back; `callers_from` are the networks
    from which calls are taken without registration.
    """

    etc: Path
    state: Path
    softswitch: Softswitch
    sip_port: int
    ami_port: int
    agi_port: int
    rtp_ports: tuple[int, int]
    ami_secret: str = field(repr=False)
    agi_secret: str = field(repr=False)
    numbers: Mapping[str, str]
    desks: Desks
    lines: Sequence[Line]
    agent_secrets: Mapping[str, str] = field(repr=False)
    hold_music: Path
    apology: tuple[str, ...]
    front_desk: str
    busy: tuple[str, ...] = ()
    most_calls: int = 1000
    most_told: int = 20
    codecs: tuple[str, ...] = ("alaw", "ulaw")
    sends: Mapping[str, str] = field(default_factory=dict)
    sip_host: str = "127.0.0.1"
    callers_from: tuple[str, ...] = ("127.0.0.0/8",)
    trunk: str | None = None
    tls: Tls | None = None
    templates: Path = HOME / "asterisk-config"
    dialplans: Path = HOME / "dialplans"

    @property
    def run(self) -> Path:
        """Where the control socket is: under `state`, or in a short place if that is too long."""
        beside = self.state / "run"
        if len(os.fsencode(beside / "asterisk.ctl")) <= LONGEST_SOCKET:
            return beside
        mark = hashlib.sha256(os.fsencode(self.state)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"ivr-{os.getuid()}-{mark}"


def write(plan: Plan) -> set[str]:
    """Write everything under `plan.etc` (0700, files 0600) and make the directories of its state.

    Returns the files that are other than before, by their names there. Each appears whole or not at
    all. Configuration that is left there from another time is removed. Raises SwitchError for a
    value that cannot stand in the files, for an `etc` that somebody else filled, and for a disk
    that does not take it; FlowError for a wrong template.
    """
    problems = list(_problems(plan))
    if problems:
        raise SwitchError("\n".join(problems))
    sources = {path.name: path for path in sorted(plan.templates.glob("*.conf"))}
    sources |= {f"dialplans/{path.name}": path for path in sorted(plan.dialplans.glob("*.conf"))}
    try:
        values = _values(plan, sources)
        files = {
            name: fill(str(path), path.read_text(encoding="utf-8"), values)
            for name, path in sources.items()
        }
        _directories(plan)
        changed = {name for name, text in files.items() if _differs(plan.etc / name, text)}
        for name in changed:
            put(plan.etc / name, files[name])
        for left in plan.etc.rglob("*.conf"):
            if str(left.relative_to(plan.etc)) not in files:
                left.unlink()
    except ValueError as error:
        raise SwitchError(f"the configuration cannot be written: {error}") from error
    except OSError as error:
        raise SwitchError(f"cannot write {error.filename}: {error.strerror}") from error
    return changed


def _differs(path: Path, text: str) -> bool:
    return not path.exists() or path.read_text(encoding="utf-8") != text


def _values(plan: Plan, sources: Mapping[str, Path]) -> dict[str, Value]:
    first, last = plan.rtp_ports
    names = {str(number): str(agent.name) for number, agent in plan.desks.agents.items()}
    return {
        "etc": str(plan.etc),
        "state": str(plan.state),
        "run": str(plan.run),
        "modules": str(plan.softswitch.modules),
        "share": str(plan.softswitch.share),
        "calls": str(max(1, (last - first + 1) // PORTS_PER_CHANNEL)),
        "open_files": str(_open_files()),
        "sip_host": plan.sip_host,
        "sip_port": str(plan.sip_port),
        "ami_port": str(plan.ami_port),
        "agi_port": str(plan.agi_port),
        "rtp_start": str(first),
        "rtp_end": str(last),
        "ami_secret": plan.ami_secret,
        "agi_secret": plan.agi_secret,
        "hold_music": str(plan.hold_music),
        "front_desk": plan.front_desk,
        "codecs": ",".join(plan.codecs),
        "numbers": [{"number": number, "flow": flow} for number, flow in plan.numbers.items()],
        **_passing(plan.desks),
        "features": "sending" if plan.sends else "",
        "sends": [
            {"key": code.removeprefix("*"), "code": code, "flow": flow}
            for code, flow in plan.sends.items()
        ],
        "agents": [
            {
                "agent": number,
                "name": agent.name,
                "secret": plan.agent_secrets[number],
                "phone": "browser" if agent.browser else "agent",
            }
            for number, agent in plan.desks.agents.items()
        ],
        "at_first": str(AT_FIRST),
        "middle": str(TENTHS_UNTIL_THEN),
        "queues": queues.rows(plan.lines, names),
        "rules": queues.rules(plan.lines),
        "apology": [{"sound": sound} for sound in plan.apology],
        "busy": [{"sound": sound} for sound in plan.busy],
        "most_calls": str(plan.most_calls),
        "most_told": str(plan.most_told),
        "media": [] if plan.sip_host == "0.0.0.0" else [{"address": plan.sip_host}],
        "callers_from": [{"network": network} for network in plan.callers_from],
        "tls": _encryption(plan.tls),
        "wss": _encryption(plan.tls) if _takes_browsers(plan) else [],
        "ice": "yes" if _takes_browsers(plan) else "no",
        "trunks": [{"trunk": plan.trunk}] if plan.trunk else [],
        "own_number": next(iter(plan.numbers), ""),
        "dialplans": [{"file": name} for name in sources if name.startswith("dialplans/")],
    }


def _encryption(tls: Tls | None) -> list[dict[str, Value]]:
    if tls is None:
        return []
    ports: dict[str, Value] = {"tls_port": str(tls.port), "wss_port": str(tls.wss_port)}
    return [{**ports, "certificate": str(tls.certificate), "key": str(tls.key)}]


def _takes_browsers(plan: Plan) -> bool:
    return plan.tls is not None and plan.tls.wss_port is not None


def _passing(desks: Desks) -> dict[str, Value]:
    """Return the desks to which callers are passed on: all, and those with a flow and without."""
    passed = [
        {"number": str(desk.number), "desk": str(name), "flow": str(desk.flow or "")}
        for name, desk in desks.desks.items()
        if desk.number
    ]
    arrivals = [row for row in passed if row["flow"]]
    return {
        "passed": passed,
        "arrivals": arrivals,
        "unled": [row for row in passed if not row["flow"]],
    }


def _problems(plan: Plan) -> Iterator[str]:
    yield from _wrong_ports(plan)
    yield from _wrong_secrets(plan)
    yield from _wrong_names(plan)
    if plan.tls and (why := trouble(plan.tls.certificate, plan.tls.key)):
        yield why
    for number, agent in plan.desks.agents.items():
        if agent.browser and not _takes_browsers(plan):
            yield f"agent {number} talks from a browser, for which wss_port is to be set (ivr.yaml)"
    places = [plan.etc, plan.state, plan.run, plan.hold_music]
    if plan.tls:
        places += [plan.tls.certificate, plan.tls.key]
    for place in (*places, plan.softswitch.modules, plan.softswitch.share):
        if not _DIRECTORY.fullmatch(str(place)) or str(place) != str(place).strip():
            yield f"the path {str(place)!r} cannot stand in the switch's files; choose another"


def _wrong_ports(plan: Plan) -> Iterator[str]:
    try:
        ipaddress.IPv4Address(plan.sip_host)
    except ValueError:
        yield f"the SIP host must be an IPv4 address; this is {plan.sip_host!r}"
    for network in plan.callers_from:
        try:
            ipaddress.IPv4Network(network)
        except ValueError:
            yield f"callers come from networks such as 192.0.2.0/24; this is {network!r}"
    for name, port in (("SIP", plan.sip_port), ("AMI", plan.ami_port), ("AGI", plan.agi_port)):
        if not 0 < port < 65_536:
            yield f"the {name} port must be from 1 to 65535; this is {port}"
    if plan.trunk and not _TRUNK.fullmatch(plan.trunk):
        yield f"the trunk is a host and a port such as 192.0.2.1:5060; this is {plan.trunk!r}"
    first, last = plan.rtp_ports
    if not 1024 <= first < last < 65_536 or first % 2:
        yield f"the RTP ports go upwards from an even one over 1023; these are {first}–{last}"


def _wrong_secrets(plan: Plan) -> Iterator[str]:
    # A secret is never shown, not even one that is wrong.
    secrets = {"AMI": plan.ami_secret, "AGI": plan.agi_secret} | {
        f"agent {number}'s": plan.agent_secrets.get(number, "") for number in plan.desks.agents
    }
    for whose, secret in secrets.items():
        if not _SECRET.fullmatch(secret):
            yield f"the {whose} secret must be 16 to 128 of A–Z a–z 0–9 _ -"


def _wrong_names(plan: Plan) -> Iterator[str]:
    for number, flow in plan.numbers.items():
        if not _NUMBER.fullmatch(number):
            yield f"{number!r} cannot be dialled: 1 to 32 of 0–9 * # +"
        elif number in plan.desks.agents:
            yield f"{number} is both a number of the hotline and an agent's"
        if not _FLOW.fullmatch(flow):
            yield f"{flow!r} cannot be the name of a flow"
    for code, flow in plan.sends.items():
        if not _CODE.fullmatch(code):
            yield f"{code!r} cannot be a code of agents: a star and two digits"
        if not _FLOW.fullmatch(flow):
            yield f"{flow!r} cannot be the name of a flow"
    if plan.front_desk not in plan.desks.desks:
        yield f"there is no desk {plan.front_desk!r} for callers without a controller"
    if not plan.codecs or not set(plan.codecs) <= set(CODECS):
        yield f"the codecs are one or more of {', '.join(CODECS)}; these are {plan.codecs!r}"
    for sound in (*plan.apology, *plan.busy):
        if not _SOUND.fullmatch(sound):
            yield f"the path of the sound {sound!r} cannot stand in a dialplan"


def _open_files() -> int:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return MOST_OPEN_FILES if most == resource.RLIM_INFINITY else min(most, MOST_OPEN_FILES)


def _directories(plan: Plan) -> None:
    if plan.etc.is_dir() and any(plan.etc.iterdir()) and not (plan.etc / MARKER).exists():
        raise SwitchError(f"{plan.etc} holds files that are not ours; choose another --state-dir")
    private(plan.etc)
    put(plan.etc / MARKER, "Written anew at every start; edit the templates instead.\n")
    private(plan.etc / "dialplans")
    for name in ("lib", "spool", "log"):
        private(plan.state / name)
    private(plan.run)
