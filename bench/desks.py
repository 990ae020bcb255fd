"""How long it takes to apply 1,000 agents at 20 desks to a switch that runs: a table.

    python -m bench.desks

A caller talks to an agent meanwhile, and another waits. Each row is `ivr desks apply` after a
change of the files; the first gives a switch of one desk all of them.
"""

from __future__ import annotations

import asyncio
import json
import socket
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ivr import config
from ivr.agents import applying
from ivr.config import Settings
from ivr.phone import Phone
from ivr.running import planning
from ivr.switch import process
from ivr.switch.softswitch import find

AGENTS, DESKS = 1000, 20
FLOW = "flow: f\nlanguages: [cmn]\nstart: a\nnodes: {a: hangup}\n"
Files = dict[str, dict[str, Any]]


async def main() -> None:
    """Measure, and print the table."""
    table = Table("what changed", "seconds")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # sockets have short paths
        settings = _settings(Path(folder))
        small, large = _files(1, 50), _files(DESKS, AGENTS)
        _write(settings, small)
        softswitch = find(settings.at(settings.switch_prefix))
        assert softswitch is not None, "run `ivr prepare` first"
        plan = planning.write(settings, softswitch)
        switch = await process.start(plan)
        at = f"127.0.0.1:{settings.sip_port}"
        try:
            password = plan.agent_secrets["3000"]
            async with (
                Phone("3000", registrar=at, password=password) as agent,
                Phone("1") as caller,
            ):
                await agent.registered(within=10)
                await caller.call("10086", at)
                talking = await agent.answer_next(within=20)
                waiting = await caller.call("10086", at)
                await waiting.answered(within=10)
                for what, files in _changes(large):
                    _write(settings, files)
                    began = time.monotonic()
                    await asyncio.to_thread(applying.to_switch, settings, lambda line: None)
                    table.add_row(what, f"{time.monotonic() - began:.1f}")
                    accounts = await switch.console("pjsip show endpoints")
                    assert accounts.count(" Endpoint:  3") == len(files["agents"])
                for call in (talking, waiting):
                    assert not [event for event in call.events if event.name == "ended"]
        finally:
            await switch.stop()
    Console().print(table)


def _changes(large: Files) -> list[tuple[str, Files]]:
    """Return what is applied one after the other, and what each is called."""
    level = json.loads(json.dumps(large))
    level["agents"]["3007"]["skills"] = {"cmn": 1}
    fewer = json.loads(json.dumps(level))
    for number in list(fewer["agents"])[-100:]:
        del fewer["agents"][number]
        for desk in fewer["desks"].values():
            desk["members"] = [member for member in desk["members"] if member != number]
    return [
        (f"{AGENTS:,} agents at {DESKS} desks come", large),
        ("one agent's level", level),
        ("a hundred agents go", fewer),
        ("nothing", fewer),
    ]


def _files(desks: int, agents: int) -> Files:
    numbers = [str(3000 + n) for n in range(agents)]
    spoken = [{"cmn": 5}, {"cmn": 4, "yue": 3}, {"yue": 5, "en": 2}, {"cmn": 3, "en": 5}]
    return {
        "desks": {
            f"desk{n}": {"members": numbers[n::desks], "relax": {"every": "20s", "anyone": "2m"}}
            for n in range(desks)
        },
        "agents": {
            number: {"name": f"agent {number}", "skills": spoken[n // desks % 4]}
            for n, number in enumerate(numbers)
        },
    }


def _write(settings: Settings, files: Files) -> None:
    for name, content in files.items():
        (settings.root / f"{name}.yaml").write_text(json.dumps({name: content}))


def _settings(root: Path) -> Settings:
    (root / "flows").mkdir()
    (root / "flows" / "f.yaml").write_text(FLOW)
    (root / "prompts").mkdir()
    ports = {f"{name}_port": _free(socket.SOCK_STREAM) for name in ("ami", "agi", "http")}
    given = config.settings(
        flows=root / "flows",
        prompts=root / "prompts",
        desks=root / "desks.yaml",
        agents=root / "agents.yaml",
        state_dir=root / "state",
        sip_port=_free(socket.SOCK_DGRAM),
        numbers={"10086": "f"},
        **ports,
    )
    return given.model_copy(update={"root": root})


def _free(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    asyncio.run(main())
