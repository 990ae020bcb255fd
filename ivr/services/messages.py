"""Text messages over HTTP: a POST with an id of its own, which every try repeats."""

from __future__ import annotations

import asyncio
import re
from dataclasses import asdict, dataclass

import aiohttp
from yarl import URL

from ivr.flow.services import Failed, Post

# Ten messages of 70 Chinese characters; a longer text is a mistake, and costs the carrier.
LONGEST_TEXT = 700
TAKEN = (200, 201, 202, 204)
OVERLOADED = 429

# Between two tries, as between two look-ups.
_BREATH = 0.2


@dataclass(frozen=True)
class Message:
    """A text for one number: its digits, what it says, and in which language."""

    to: str
    text: str
    language: str


def refused(message: Message) -> Failed | None:
    """Return why a message is none; the reason never holds the number or the text."""
    if not re.fullmatch(r"[0-9]{3,20}", message.to):
        return Failed("not sent: the number is withheld, or no number")
    if not 0 < len(message.text) <= LONGEST_TEXT:
        return Failed(f"not sent: it has {len(message.text)} characters, not 1 to {LONGEST_TEXT}")
    return None


async def deliver(
    session: aiohttp.ClientSession, url: URL, post: Post, message: Message, key: str
) -> tuple[Failed | None, bool]:
    """Hand a message over within `post.time_limit`; None means that it was taken.

    Every try has the same `key`.
    With it comes whether the back end is well. A reason never holds the number or the text.
    """
    # draft-ietf-httpapi-idempotency-key-header: who sees it twice has the first answer for it.
    headers = {"Idempotency-Key": key}
    reason = ""
    try:
        async with asyncio.timeout(post.time_limit):
            for left in reversed(range(post.tries)):
                try:
                    given = session.post(
                        url, json=asdict(message), headers=headers, allow_redirects=False
                    )
                    async with given as response:
                        if response.status in TAKEN:
                            return None, True
                        reason = f"the back end answered {response.status}"
                        if response.status < 500:
                            return Failed(reason), 400 <= response.status != OVERLOADED
                except (aiohttp.ClientError, OSError) as fault:
                    reason = f"the back end gave no answer: {type(fault).__name__}"
                if left:
                    await asyncio.sleep(_BREATH)
    except TimeoutError:
        reason = f"no answer within {post.time_limit:g} s"
    return Failed(reason), False
