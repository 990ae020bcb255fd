"""What test calls stand on: settings of their own, sounds, and a voice."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from ivr.config import Settings
from ivr.flow.project import Project
from ivr.running import run
from ivr.speech.clips import Clips
from ivr.switch.files import private
from ivr.testcalls.place import Place

# What a caller sounds like who leaves a message.
_VOICE_SECONDS, _VOICE_HERTZ, _VOICE_RATE = 300, 440, 8000


def beside(settings: Settings, folder: Path, project: Project, places: Sequence[Place]) -> Settings:
    """Return settings for a switch beside any other, with a number and a desk for each test."""
    private(folder)
    desks = {
        place.queue(name): {"members": [place.number], "ring_for": "60s"}
        for place in places
        for name in project.queues
    }
    agents = {place.number: {"name": f"agent {place.number}"} for place in places}
    files = {"desks": folder / "desks.yaml", "agents": folder / "agents.yaml"}
    files["desks"].write_text(json.dumps({"desks": desks}))
    files["agents"].write_text(json.dumps({"agents": agents}))
    ports = {
        "sip_port": _free_port(socket.SOCK_DGRAM),
        "ami_port": _free_port(socket.SOCK_STREAM),
        "agi_port": _free_port(socket.SOCK_STREAM),
    }
    numbers = {place.dialled: place.script for place in places}
    own = {"state_dir": folder, "numbers": numbers, "tls": None, "wss_port": None}
    return settings.model_copy(update={**own, **files, **ports})


def voice(folder: Path) -> Path:
    """Write what callers say into a folder; return the file."""
    file = folder / "voice.wav"
    moments = np.arange(_VOICE_SECONDS * _VOICE_RATE) / _VOICE_RATE
    tone = 0.3 * np.sin(2 * np.pi * _VOICE_HERTZ * moments)
    soundfile.write(file, tone, _VOICE_RATE, subtype="PCM_16")
    return file


async def build(
    settings: Settings, project: Project, clips: Clips, places: Sequence[Place]
) -> None:
    """Build the sounds of what is announced in a test. Raises BuildError."""
    said = frozenset(clip for place in places for clip in place.trial.given.clips)
    await asyncio.to_thread(
        clips.build, said, project.speeds, settings.codecs, lambda done, of: None, run.print_line
    )


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
