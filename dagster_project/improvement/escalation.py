"""The states of a breach of service and its clock.

A breach is OPEN, acknowledged (ACK), CONTAINED, explained (RCA), RECOVERED and CLOSED, in turn.
Until it is acknowledged its clock runs, except in pauses, and each level of ``escalation_rule.csv``
is reached after its hours. ``mart_service_breach`` says the same in SQL; a scenario compares.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dagster_project.errors import UsageError

STATES = ("OPEN", "ACK", "CONTAINED", "RCA", "RECOVERED", "CLOSED")
MOVES = {
    "ack": ("OPEN", "ACK"),
    "contain": ("ACK", "CONTAINED"),
    "rca": ("CONTAINED", "RCA"),
    "recover": ("RCA", "RECOVERED"),
    "close": ("RECOVERED", "CLOSED"),
}
"""Act, and the state that it leads from and to."""
ANYBODY = "*"


@dataclass(frozen=True)
class Act:
    """What somebody did with a breach, and when (UTC)."""

    act: str
    at: datetime


@dataclass(frozen=True)
class Level:
    """A level of escalation: reached after so many hours on the clock, who hears of it."""

    level: int
    after_hours: float
    role: str


@dataclass(frozen=True)
class Standing:
    """Where a breach stands at a moment.

    ``clock``: time that ran unacknowledged, without pauses. ``level``: 0 where nobody
    else has heard of it. ``next_at``: when the next level is reached if nothing happens; None where
    the clock does not run or there is no higher level.
    """

    state: str
    is_paused: bool
    clock: timedelta
    level: int
    role: str | None
    next_at: datetime | None
    acknowledged_at: datetime | None
    recovered_at: datetime | None


def parse_levels(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Level]]:
    """Return the levels of each segment, the lowest first.

    Raises:
        UsageError: A higher level is not reached later than the one below it.
    """
    found: dict[str, list[Level]] = {}
    for row in sorted(rows, key=lambda one: (str(one["segment_code"]), int(one["level"]))):
        one = Level(int(row["level"]), float(row["after_hours"]), str(row["role"]))
        levels = found.setdefault(str(row["segment_code"]), [])
        if levels and levels[-1].after_hours >= one.after_hours:
            raise UsageError(
                "The levels of escalation are not usable.",
                f"seeds/policy/escalation_rule.csv, segment {row['segment_code']},"
                f" level {one.level}, column after_hours: not later than level {levels[-1].level}.",
                f"Write more than {levels[-1].after_hours:g} hours.",
            )
        levels.append(one)
    return found


def levels_of(levels: Mapping[str, list[Level]], segment_key: str) -> list[Level]:
    """Return the levels of a segment (``service:S1``), or those of everybody."""
    return levels.get(segment_key.split(":")[-1], levels.get(ANYBODY, []))


def standing(
    opened_at: datetime, acts: Sequence[Act], levels: Sequence[Level], now: datetime
) -> Standing:
    """Return where a breach stands.

    Args:
        opened_at: When the service was missed, UTC.
        acts: What was done, in any order; what comes later than ``now`` does not count.
        levels: Of its segment, the lowest first.
        now: Moment that is asked about, UTC.
    """
    done = sorted((one for one in acts if one.at <= now), key=lambda one: one.at)
    moves = [one for one in done if one.act in MOVES]
    state = MOVES[moves[-1].act][1] if moves else "OPEN"
    first = {one.act: one.at for one in reversed(done)}
    acknowledged = first.get("ack")
    until = min(acknowledged or now, now)
    paused, is_paused = _paused(done, opened_at, until)
    clock = max(until - opened_at - paused, timedelta(0))
    reached = [one for one in levels if clock >= timedelta(hours=one.after_hours)]
    waiting = [one for one in levels if one not in reached]
    runs = acknowledged is None and not is_paused
    return Standing(
        state,
        is_paused,
        clock,
        reached[-1].level if reached else 0,
        reached[-1].role if reached else None,
        now + timedelta(hours=waiting[0].after_hours) - clock if waiting and runs else None,
        acknowledged,
        first.get("recover"),
    )


def _paused(acts: Sequence[Act], opened_at: datetime, until: datetime) -> tuple[timedelta, bool]:
    """Time of the pauses between opening and a moment, and whether one lasts."""
    total, began = timedelta(0), None
    for one in acts:
        if one.act == "pause" and began is None:
            began = one.at
        elif one.act == "resume" and began is not None:
            total += max(min(one.at, until) - max(began, opened_at), timedelta(0))
            began = None
    if began is not None:
        total += max(until - max(began, opened_at), timedelta(0))
    return total, began is not None


def check_act(breach_id: str, acts: Sequence[Act], act: str, said: Mapping[str, Any]) -> None:
    """Do nothing where an act may follow those before.

    Args:
        breach_id: The breach, for the message.
        acts: What was done before, in the order of time.
        act: What somebody wants to do.
        said: ``cause``, ``evidence``, ``step`` and ``pause_reason``, as far as given.

    Raises:
        UsageError: The state does not allow it, or it does not say what it has to.
    """
    moves = [one.act for one in acts if one.act in MOVES]
    state = MOVES[moves[-1]][1] if moves else "OPEN"
    stops = [one.act for one in acts if one.act in ("pause", "resume")]
    is_paused = bool(stops) and stops[-1] == "pause"
    if act in MOVES and MOVES[act][0] != state:
        allowed = next((name for name, (before, _) in MOVES.items() if before == state), None)
        raise _refused(
            breach_id,
            f"It is {state}; '{act}' leads from {MOVES[act][0]} to {MOVES[act][1]}.",
            f"Its next act is '{allowed}'." if allowed else "It is over.",
        )
    if act not in MOVES and state == "CLOSED":
        raise _refused(breach_id, "It is CLOSED.", "Nothing can be done with it any more.")
    if (act, is_paused) in (("pause", True), ("resume", False)):
        word = "stands still" if is_paused else "runs"
        raise _refused(breach_id, f"Its clock {word} already.", "Leave it as it is.")
    needed = {"rca": ("cause", "evidence"), "step": ("step",), "pause": ("pause_reason",)}
    missing = [name for name in needed.get(act, ()) if not said.get(name)]
    if missing:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in missing)
        raise _refused(
            breach_id, f"'{act}' does not say {' and '.join(missing)}.", f"Add {options}."
        )


def _refused(breach_id: str, why: str, fix: str) -> UsageError:
    return UsageError(f"This cannot be done with breach {breach_id}.", why, fix)
