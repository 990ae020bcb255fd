import asyncio
import itertools
import json
import shutil
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from ivr.phone import Phone
from tests.calls.hotline import Caller, Hotline, flows, new_number
from tests.stage import ROOT

Dial = Callable[..., AbstractAsyncContextManager[Caller]]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell of a call that went wrong what the hotline knows of it, for it may not happen again."""
    report = yield
    mine = getattr(item, "funcargs", {}).get("hotline")
    if report.when == "call" and report.failed and isinstance(mine, Hotline):
        try:
            calls = asyncio.run(asyncio.wait_for(mine.get("/api/calls?limit=4"), 5))
            told = "\n".join(json.dumps(call, ensure_ascii=False) for call in calls)
        except (OSError, aiohttp.ClientError) as fault:  # TimeoutError is an OSError
            told = f"they cannot be read: {fault!r}"
        report.sections.append(("the newest calls", told))
        lines = mine.output.read_text(errors="replace").splitlines()
        report.sections.append(("the last the hotline said", "\n".join(lines[-40:])))
    return report


def shorter(home: Path) -> dict[str, str]:
    """Return settings for the shipped flows, which wait for an agent less and ask for no mark.

    On her way to an agent a caller hears the second of two sentences alone: 1.7 s, and not 4.2.
    """
    changed = flows(
        home,
        ("longest: 60s", "longest: 12s"),
        ("answered: rate_us", "answered: bye"),
        ("  rate_us: {call: survey, go: bye}      # her mark, when the agent has hung up\n", ""),
    )
    prompts = home / "prompts"
    built = ("built", "takes")
    shutil.copytree(ROOT / "prompts", prompts, ignore=shutil.ignore_patterns(*built))
    for name in built:
        (prompts / name).symlink_to(ROOT / "prompts" / name)
    text = (prompts / "hotline.yaml").read_text()
    for first in (
        "正在为您转接人工服务，",
        "而家幫你轉駁客戶服務員，",
        "I am connecting you to an agent. ",
    ):
        assert text.count(first) == 1
        text = text.replace(first, "")
    (prompts / "hotline.yaml").write_text(text)
    return {"flows": str(changed), "prompts": str(prompts)}


@pytest.fixture(scope="session")
def hotline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    """The shipped hotline, whose queue gives up sooner, which asks for no mark, and to which every
    caller is new."""
    home = tmp_path_factory.mktemp("hotline")
    with Hotline(home, **shorter(home), remember_callers="0d").running() as running:
        yield running


@pytest.fixture
def dial(hotline: Hotline, tmp_path: Path) -> Dial:
    """A caller who dials 10086 and is answered; her call is over when the block ends."""
    return dialling(hotline, tmp_path)


def dialling(hotline: Hotline, folder: Path) -> Dial:
    """Return what places calls to a hotline; what is heard in them is kept in a folder."""
    recordings = itertools.count(1)

    @asynccontextmanager
    async def call(
        number: str | None = None, *, called: str = "10086", play: Path | None = None
    ) -> AsyncIterator[Caller]:
        number = new_number() if number is None else number
        wav = folder / f"heard-{next(recordings)}.wav"
        async with Phone(number) as phone:
            placed = await phone.call(called, hotline.sip, record=wav, play=play)
            await placed.answered(within=10)
            yield Caller(hotline, number, phone, placed, wav)
            await placed.hang_up()

    return call
