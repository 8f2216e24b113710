"""Bitemporal assignments from events.

Valid time says when a segment holds for the business, record time when it was believed. An event
never changes a row: rows that it contradicts are closed in record time, and what remains true of
them is recorded again with its new end. All intervals are half-open; the open end is 9999-12-31.
"""

from collections.abc import Iterable
from dataclasses import dataclass

OPEN_DAY = 2_932_896
"""9999-12-31 as days from 1970-01-01."""


@dataclass(frozen=True)
class Decision:
    """From ``valid_from`` on the entity is in a segment, as decided at ``recorded``. In days."""

    segment: str
    valid_from: int
    recorded: int
    event_seq: int


@dataclass(frozen=True)
class Belief:
    """A segment over an interval of valid time, believed over an interval of record time."""

    segment: str
    valid_from: int
    valid_to: int
    recorded_from: int
    recorded_to: int
    event_seq: int


def beliefs(decisions: Iterable[Decision]) -> list[Belief]:
    """Return the beliefs of one entity from its decisions, in the order in which they were made.

    At every record time the believed rows neither overlap nor leave a gap from the first valid day
    to the open end.
    """
    believed: list[Belief] = []
    closed: list[Belief] = []
    for decision in decisions:
        kept: list[Belief] = []
        for row in believed:
            if row.valid_to <= decision.valid_from:
                kept.append(row)
                continue
            if row.recorded_from < decision.recorded:
                closed.append(_with(row, recorded_to=decision.recorded))
            if row.valid_from < decision.valid_from:
                start = max(row.recorded_from, decision.recorded)
                kept.append(_with(row, valid_to=decision.valid_from, recorded_from=start))
        kept.append(
            Belief(
                decision.segment,
                decision.valid_from,
                OPEN_DAY,
                decision.recorded,
                OPEN_DAY,
                decision.event_seq,
            )
        )
        believed = kept
    rows = closed + believed
    return sorted(rows, key=lambda row: (row.recorded_from, row.valid_from, row.event_seq))


def known_until(rows: list[Belief], moment: int) -> list[Belief]:
    """Return the beliefs of an entity of which nothing is believed any more from a moment on."""
    return [
        _with(row, recorded_to=min(row.recorded_to, moment))
        for row in rows
        if row.recorded_from < moment
    ]


def _with(
    row: Belief,
    valid_to: int | None = None,
    recorded_from: int | None = None,
    recorded_to: int | None = None,
) -> Belief:
    return Belief(
        row.segment,
        row.valid_from,
        row.valid_to if valid_to is None else valid_to,
        row.recorded_from if recorded_from is None else recorded_from,
        row.recorded_to if recorded_to is None else recorded_to,
        row.event_seq,
    )
