"""A SIP phone that a program can hold: place and take calls, press keys, play and record.

    async with Phone("13800138000") as phone:
        call = await phone.call("10086", at="127.0.0.1:5060", record=Path("heard.wav"))
        await call.answered(within=5)
        await call.press("1")
        print(await call.ended(within=30))

The SIP stack (pjsua2) is an optional extra and lives in a process of its own
(`softphone.py`): it is not made for asyncio, and one process can hold only one of it.
"""

from __future__ import annotations

import importlib.util

from ivr.errors import IvrError

if importlib.util.find_spec("pjsua2") is None:
    raise IvrError(
        "the phone needs pjsua2, which is not installed: pip install 'ivr-hotline[phone]' "
        "(it exists for Python 3.11 and 3.12 only)"
    )

from ivr.phone.call import Call, Ended
from ivr.phone.phone import Phone
from ivr.phone.wire import Event

__all__ = ["Call", "Ended", "Event", "Phone"]
