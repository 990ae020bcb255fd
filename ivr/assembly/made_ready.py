"""What takes time, made ready before it is our turn: the sounds, and by what calls are led."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from ivr.announcements.noticeboard import Noticeboard
from ivr.config import Settings
from ivr.flow.services import Declared
from ivr.meanwhile import meanwhile
from ivr.project import disk
from ivr.project.sounds import speakers
from ivr.services.http import Services
from ivr.speech.shelf import Shelf
from ivr.speech.speaker import Speaker
from ivr.speech.takes import Takes
from ivr.store.announcements import Announcements
from ivr.store.database import Database
from ivr.store.versions import Versions
from ivr.switch.in_force import InForce, follow
from ivr.telemetry.metrics import Metrics
from ivr.versions.drafts import Drafts
from ivr.versions.edition import Press
from ivr.versions.live import Bound, Live
from ivr.versions.served import Served


@dataclass(frozen=True)
class Ready:
    """What a controller has before it leads a call.

    `desks` are those that calls go by; what is said beside a flow is said by `speaker`.
    """

    desks: InForce
    metrics: Metrics
    database: Database
    services: Services
    noticeboard: Noticeboard
    speaker: Speaker
    served: Served


@asynccontextmanager
async def made_ready(
    settings: Settings, desks: InForce, *, of_drafts: bool
) -> AsyncIterator[Ready]:
    """Give all that, and go on with what is published, while the block runs.

    Calls are led by what is published, or by the files where nothing is; `of_drafts` by the draft
    that lies in the state directory. Flows may name the queues of `desks`, which become those that
    are applied. Raises IvrError for what cannot be read, or cannot lead any call.
    """
    async with AsyncExitStack() as stack:
        metrics = Metrics()
        stack.enter_context(metrics.counting_logs())
        shelf = Shelf()
        stack.callback(shelf.close)
        takes = Takes.load(settings.takes, settings.root)
        clips = stack.enter_context(speakers(settings, takes))
        database = await stack.enter_async_context(await Database.open(settings.records_url))
        services = await stack.enter_async_context(Services(Declared({}, {})))
        noticeboard = Noticeboard(Announcements(database), settings.announcements, settings.codecs)
        press = Press(settings, desks().desks, clips, shelf, services, noticeboard.beside)
        served = await _served(settings, press, database, of_drafts=of_drafts)
        await stack.enter_async_context(meanwhile(served.follow(), "what is published"))
        desks.tell(press.furnish)
        following = follow(settings.etc, desks.take)
        await stack.enter_async_context(meanwhile(following, "the desks that are applied"))
        speaker = Speaker(noticeboard.beside(clips), shelf)
        yield Ready(desks, metrics, database, services, noticeboard, speaker, served)


async def _served(
    settings: Settings, press: Press, database: Database, *, of_drafts: bool
) -> Served:
    if of_drafts:
        return await Drafts.start(settings.state, partial(press.edition, is_draft=True))
    bound = Bound(settings.canary_worse_by, settings.canary_calls)
    return await Live.start(
        Versions(database), press.edition, bound, lambda: disk.whole(settings).sources
    )
