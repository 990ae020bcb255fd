"""The plan of a switch: what one instance is made of, and what of it cannot be."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ivr.switch.desks import Desks
from ivr.switch.queues import Line
from ivr.switch.softswitch import Softswitch
from ivr.switch.tls import Tls, trouble

HOME = Path(__file__).resolve().parents[2]
# `sun_path` of a UNIX socket, less the final NUL (unix(7)).
LONGEST_SOCKET = 107

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

    @property
    def takes_browsers(self) -> bool:
        """Whether phones may be in browsers."""
        return self.tls is not None and self.tls.wss_port is not None


def problems(plan: Plan) -> Iterator[str]:
    """Tell of what cannot stand in the switch's files, or could not work."""
    yield from _wrong_ports(plan)
    yield from _wrong_secrets(plan)
    yield from _wrong_names(plan)
    if plan.tls and (why := trouble(plan.tls.certificate, plan.tls.key)):
        yield why
    for number, agent in plan.desks.agents.items():
        if agent.browser and not plan.takes_browsers:
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
