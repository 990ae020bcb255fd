"""Until when somebody calls back: a promise that a desk can keep, or none.

Pure: the time is an argument.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.flow.hours import Hours

# A promise is said on the clock, so on a round one; and nobody waits longer than a week.
ROUND = timedelta(minutes=5)
LONGEST = timedelta(days=7)


@dataclass(frozen=True)
class Promise:
    """A desk calls back within `within` of its opening hours."""

    within: timedelta
    hours: Hours

    def until(self, now: datetime) -> datetime | None:
        """Return the moment until when, in the desk's zone; None if it opens too late for that.

        Time in which the desk is closed does not count, so that who calls at night is called in
        the morning. `now` is aware; the answer is rounded up to five minutes.
        """
        # In UTC, where a day with a change of clocks is as long as any other.
        moment = datetime.fromtimestamp(-(-now.timestamp() // 300) * 300, ZoneInfo("UTC"))
        last, left = moment + LONGEST, self.within
        while left > timedelta(0):
            if moment >= last:
                return None
            if self.hours.state(moment) == "open":
                left -= ROUND
            moment += ROUND
        return moment.astimezone(ZoneInfo(self.hours.zone))
