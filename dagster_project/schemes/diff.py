"""Who would be elsewhere under another policy: both replayed on the same history.

What a policy is belongs in ``dagster_project/segmentation/policy.py``.
"""

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from dagster_project.schemes.crosswalk import Crosswalk, cross
from dagster_project.schemes.reader import History
from dagster_project.segmentation.history import first_day_of, month_number
from dagster_project.segmentation.policy import Scheme
from dagster_project.segmentation.scores import UNIT, FloatArray

REVENUE_MONTHS = 12


@dataclass(frozen=True)
class Mover:
    """One customer that stands elsewhere, with its net revenue of the last twelve months."""

    entity_id: str
    before: str
    after: str
    net_revenue: float


@dataclass(frozen=True)
class PolicyDiff:
    """Movers by pair of segments, and all of them, the largest first."""

    scheme_id: str
    entities: int
    counts: dict[tuple[str, str], int]
    revenue: dict[tuple[str, str], float]
    movers: list[Mover]
    crosswalk: Crosswalk


def compare(history: History, old: Scheme, new: Scheme) -> PolicyDiff:
    """Replay two policies of one scheme and compare the segments last decided.

    Args:
        history: What both are replayed on.
        old: The policy to leave.
        new: The policy to enter.
    """
    before, after = last_segments(history, old), last_segments(history, new)
    revenue = recent_revenue(history)
    names = history.entities.entity_id
    moved = np.flatnonzero(np.array(before) != np.array(after)).tolist()
    movers = [Mover(names[k], before[k], after[k], float(revenue[k])) for k in moved]
    counts = Counter((mover.before, mover.after) for mover in movers)
    return PolicyDiff(
        new.scheme_id,
        len(names),
        dict(sorted(counts.items())),
        {
            pair: math.fsum(m.net_revenue for m in movers if (m.before, m.after) == pair)
            for pair in sorted(counts)
        },
        sorted(movers, key=lambda mover: (-mover.net_revenue, mover.entity_id)),
        cross(
            dict(zip(names, before, strict=True)),
            dict(zip(names, after, strict=True)),
        ),
    )


def last_segments(history: History, scheme: Scheme) -> list[str]:
    """Segment last decided for each entity, in the order of the entities.

    Contracts, overrides and requests count as in a build. Where approvals are enforced, whoever
    waits for one at the end stands where the rule wants it: that is what would be asked of people.
    """
    outcome = history.replay(scheme)
    latest = [""] * len(history.entities)
    for event in outcome.events:
        latest[event.entity] = event.after
    for ruling in outcome.rulings:
        for place, standing in ruling.standing.items():
            if standing.state == "WAITING":
                after = scheme.codes[int(ruling.proposals.after[place])]
                latest[int(ruling.entity[place])] = after
    return latest


def recent_revenue(history: History) -> FloatArray:
    """Net revenue of the last twelve months that have ended, in group currency, by entity."""
    last = month_number(np.datetime64(history.as_of, "D"))
    if first_day_of(last + 1) > int(np.datetime64(history.as_of, "D").astype(int)) + 1:
        last -= 1
    months = history.activity.activity_month
    recent = (months > last - REVENUE_MONTHS) & (months <= last)
    total = np.zeros(len(history.entities), dtype=np.int64)
    amounts = history.activity.measures["net_amount_group"]
    np.add.at(total, history.activity.entity[recent], amounts[recent])
    return total / UNIT
