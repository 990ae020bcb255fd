"""What the switch of a hotline is made of, by its settings, its desks and its secrets."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ivr.config import Settings
from ivr.project import disk, sounds
from ivr.running import secrets
from ivr.switch import applied, configure, install, music
from ivr.switch.desks import Desks
from ivr.switch.files import put
from ivr.switch.plan import Plan
from ivr.switch.queues import Line
from ivr.switch.softswitch import Softswitch, find
from ivr.switch.tls import Tls

# With what settings the switch was started, for who writes its configuration anew.
SETTINGS = "settings.json"


def softswitch(settings: Settings, say: Callable[[str], None]) -> Softswitch:
    """Return the Asterisk on the PATH or in the private prefix, putting one there if need be."""
    prefix = settings.at(settings.switch_prefix)
    return find(prefix) or install.install(prefix, say, settings.debian_mirror)


def write(settings: Settings, found: Softswitch) -> Plan:
    """Write all that the switch reads, from the templates, the desks and the secrets."""
    furniture = disk.furniture(settings)
    plan = plan_of(settings, found, furniture, disk.lines(settings, furniture))
    configure.write(plan)
    keep(settings)
    applied.keep(plan.etc, furniture, plan.lines)
    return plan


def keep(settings: Settings) -> None:
    """Write with what settings the switch runs. Raises OSError."""
    text = settings.model_dump_json(exclude_none=True, exclude={"root"})
    put(settings.etc / SETTINGS, text)


def plan_of(settings: Settings, found: Softswitch, furniture: Desks, lines: Sequence[Line]) -> Plan:
    """Return all that the switch is made of; agents without a password get one."""
    known = secrets.load(settings.state, furniture.agents)
    first, last = (int(port) for port in settings.rtp_ports.split("-"))
    return Plan(
        etc=settings.etc,
        state=settings.state,
        softswitch=found,
        sip_host=settings.sip_host,
        sip_port=settings.sip_port,
        callers_from=settings.callers_from,
        tls=_tls(settings),
        trunk=settings.trunk,
        ami_port=settings.ami_port,
        agi_port=settings.agi_port,
        rtp_ports=(first, last),
        ami_secret=known[secrets.AMI],
        agi_secret=known[secrets.AGI],
        numbers=settings.numbers,
        sends=settings.sends,
        desks=furniture,
        lines=lines,
        agent_secrets=secrets.agent_secrets(known),
        hold_music=music.build(settings.built / "music").parent,
        apology=tuple(sounds.written_names(settings, sounds.APOLOGY)),
        busy=tuple(sounds.written_names(settings, sounds.BUSY)),
        most_calls=settings.calls_at_once,
        most_told=settings.most_told,
        codecs=settings.codecs,
        front_desk=str(next(iter(furniture.desks))),
    )


def _tls(settings: Settings) -> Tls | None:
    if settings.tls is None:
        return None
    files = settings.tls
    certificate, key = settings.at(files.certificate), settings.at(files.key)
    return Tls(settings.tls_port, certificate, key, settings.wss_port)
