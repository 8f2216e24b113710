"""May a cycle start? It may when every required feed has data up to the cut-off.

Pure: what the feeds hold and what time it is are given. At the deadline the cycle runs on what is
there and says that it is degraded, and by which feeds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from dagster_project.refresh.calendar import Due


class Verdict(Enum):
    """What to do with a cycle now."""

    TOO_EARLY = "too early"
    WAIT = "wait"
    START = "start"
    START_DEGRADED = "start degraded"


@dataclass(frozen=True)
class Readiness:
    """The verdict, the feeds that are behind and a sentence for people."""

    verdict: Verdict
    feeds_behind: tuple[str, ...]
    sentence: str

    @property
    def starts(self) -> bool:
        return self.verdict in (Verdict.START, Verdict.START_DEGRADED)

    @property
    def is_degraded(self) -> bool:
        return self.verdict is Verdict.START_DEGRADED


def judge(due: Due, watermarks: Mapping[str, datetime | None], now: datetime) -> Readiness:
    """Decide about one due cycle.

    Args:
        due: The cycle and its day.
        watermarks: Per required feed the UTC time up to which it has delivered; None for never.
        now: UTC.
    """
    cutoff, deadline = due.cycle.cutoff_at(due.day), due.cycle.deadline_at(due.day)
    name = due.cycle.cycle_id
    if now < cutoff:
        return Readiness(Verdict.TOO_EARLY, (), f"{name} starts at {cutoff:%Y-%m-%d %H:%M} UTC.")
    behind = tuple(sorted(feed for feed, mark in watermarks.items() if not mark or mark < cutoff))
    if not behind:
        return Readiness(Verdict.START, (), f"{name}: every required feed is in.")
    missing = f"{', '.join(behind)} behind {cutoff:%Y-%m-%d %H:%M} UTC"
    if now < deadline:
        sentence = f"{name} waits until {deadline:%H:%M} UTC: {missing}."
        return Readiness(Verdict.WAIT, behind, sentence)
    return Readiness(
        Verdict.START_DEGRADED, behind, f"{name} runs on the last good data: {missing}."
    )
