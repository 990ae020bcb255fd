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

import resource
from collections.abc import Mapping
from pathlib import Path

from ivr.desk.lines import AT_FIRST
from ivr.desk.order import TENTHS_UNTIL_THEN
from ivr.switch import queues
from ivr.switch.desks import Desks
from ivr.switch.files import private, put
from ivr.switch.plan import Plan, problems
from ivr.switch.softswitch import SwitchError
from ivr.switch.template import Value, fill
from ivr.switch.tls import Tls

MOST_OPEN_FILES = 65_536
# RTP and RTCP; a caller with an agent are two.
PORTS_PER_CHANNEL = 2
MARKER = "written-by-ivr"


def write(plan: Plan) -> set[str]:
    """Write everything under `plan.etc` (0700, files 0600) and make the directories of its state.

    Returns the files that are other than before, by their names there. Each appears whole or not at
    all. Configuration that is left there from another time is removed. Raises SwitchError for a
    value that cannot stand in the files, for an `etc` that somebody else filled, and for a disk
    that does not take it; FlowError for a wrong template.
    """
    if found := list(problems(plan)):
        raise SwitchError("\n".join(found))
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
        "wss": _encryption(plan.tls) if plan.takes_browsers else [],
        "ice": "yes" if plan.takes_browsers else "no",
        "trunks": [{"trunk": plan.trunk}] if plan.trunk else [],
        "own_number": next(iter(plan.numbers), ""),
        "dialplans": [{"file": name} for name in sources if name.startswith("dialplans/")],
    }


def _encryption(tls: Tls | None) -> list[dict[str, Value]]:
    if tls is None:
        return []
    ports: dict[str, Value] = {"tls_port": str(tls.port), "wss_port": str(tls.wss_port)}
    return [{**ports, "certificate": str(tls.certificate), "key": str(tls.key)}]


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
