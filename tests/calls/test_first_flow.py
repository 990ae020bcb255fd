"""The flow of the tutorial, written step by step as it is shown there, takes a call."""

import asyncio
import shutil
from pathlib import Path

import pytest

from ivr.config import FILE
from ivr.phone import Phone
from tests.calls.hotline import Caller, Hotline, new_number, nodes, said, until
from tests.pages import FIRST, blocks, change
from tests.stage import ROOT


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A checkout in which the tutorial was followed up to the change that is published."""
    root = tmp_path / "checkout"
    for name in ("flows", "asterisk-config", "dialplans"):
        shutil.copytree(ROOT / name, root / name)
    kept = shutil.ignore_patterns("takes", "built")
    shutil.copytree(ROOT / "prompts", root / "prompts", ignore=kept)
    for name in ("takes", "built"):
        (root / "prompts" / name).symlink_to(ROOT / "prompts" / name)
    shutil.copy(ROOT / FILE, root)
    for block in blocks(FIRST, "diff")[:-1]:
        change(root, block.text)
    return root


@pytest.mark.timeout(150)
async def test_who_follows_the_tutorial_hears_her_flow_on_the_phone(
    tmp_path: Path, written: Path
) -> None:
    with Hotline(tmp_path, root=str(written)).running() as there:
        number = new_number()
        async with Phone(number) as phone:
            call = await phone.call("10000", there.sip)
            await call.answered(within=10)
            caller = Caller(there, number, phone, call, tmp_path / "none.wav")
            await caller.press("1")
            await caller.comes_to("hours")
            await caller.press("2")  # a number no customer has: she is sorry, and gets an agent
            record = await caller.story(within=30)
            change(written, blocks(FIRST, "diff")[-1].text)
            published = await asyncio.to_thread(there.ivr, "publish", "-m", "open until eight")
            assert published.returncode == 0, published.stdout + published.stderr
            call = await phone.call("10000", there.sip)
            await call.answered(within=10)
            later = Caller(there, number, phone, call, tmp_path / "none.wav")
            await later.press("1")
            told = await until(lambda: later.has_heard("shop_hours", 1), within=30)
    assert nodes(record) == ["menu", "hours", "menu", "balance", "sorry", "agent", "bye"]
    assert said(record)[-2:] == ["shop_sorry", "shop_bye"]
    hours = next(heard for heard in told["heard"] if heard["prompt"] == "shop_hours")
    assert "from nine to eight" in hours["text"]
