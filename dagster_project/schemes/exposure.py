"""Which customers with different tiers are likely to compare notes?

Customers meet where they have a parent or a buying group in common or receive goods in the same
area: the same hexagon of about 250 square kilometres (H3, resolution 5; Uber 2018). The exposure of
a pair is the distance of its tiers times the weights of all ways in which the two meet.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dagster_project.segmentation.scores import FloatArray, IntArray

RESOLUTION = 5
"""Of the hexagons; edges of about ten kilometres."""

PARENT, BUYING_GROUP, AREA = "SAME_PARENT", "SAME_BUYING_GROUP", "SAME_AREA"


@dataclass(frozen=True)
class Meeting:
    """One way to meet: its kind, where, and who is there (positions of customers)."""

    kind: str
    place: str
    members: tuple[int, ...]


@dataclass(frozen=True)
class Pair:
    """Two customers, the one with the better tier first, how far their tiers are apart, and how."""

    first: int
    second: int
    gap: int
    kinds: tuple[str, ...]
    weight: float

    @property
    def exposure(self) -> float:
        """Distance of the tiers times the weight of the contact."""
        return self.gap * self.weight


def meetings(kind: str, pairs: Iterable[tuple[str | None, int]]) -> list[Meeting]:
    """Return the places where two customers or more meet.

    Args:
        kind: How they meet.
        pairs: Place and customer; a place of None is no place.
    """
    found: dict[str, set[int]] = {}
    for place, customer in pairs:
        if place:
            found.setdefault(place, set()).add(customer)
    return [
        Meeting(kind, place, tuple(sorted(members)))
        for place, members in sorted(found.items())
        if len(members) > 1
    ]


def area_of(latitude: FloatArray, longitude: FloatArray) -> list[str | None]:
    """Return the hexagon of each place; None where a coordinate is not known (NaN)."""
    import h3

    return [
        None if np.isnan(lat) or np.isnan(lng) else h3.latlng_to_cell(lat, lng, RESOLUTION)
        for lat, lng in zip(latitude.tolist(), longitude.tolist(), strict=True)
    ]


def exposed_pairs(
    rank: IntArray,
    found: Sequence[Meeting],
    weights: Mapping[str, float],
    largest_place: int,
    most: int,
) -> list[Pair]:
    """Return the most exposed pairs, the highest first, ties by the positions of the customers.

    Args:
        rank: Tier of each customer, 1 the best, 0 for none; customers without a tier are left out.
        found: Ways to meet.
        weights: Of a contact by kind.
        largest_place: Where more customers meet than this nobody knows the others.
        most: Pairs that are kept.
    """
    count = len(rank)
    keys: list[IntArray] = []
    kinds: list[IntArray] = []
    order = sorted(weights)
    for meeting in found:
        members = np.array([m for m in meeting.members if rank[m] > 0], dtype=np.int64)
        if not 2 <= len(members) <= largest_place:
            continue
        a, b = (members[side] for side in np.triu_indices(len(members), 1))
        apart = rank[a] != rank[b]
        keys.append(a[apart] * count + b[apart])
        kinds.append(np.full(int(apart.sum()), order.index(meeting.kind), dtype=np.int64))
    if not keys or not sum(len(part) for part in keys):
        return []
    # A pair counts each kind once, however many places of it they share.
    seen = np.unique(np.stack([np.concatenate(keys), np.concatenate(kinds)], axis=1), axis=0)
    pairs, place = np.unique(seen[:, 0], return_inverse=True)
    by_kind = np.zeros((len(pairs), len(order)), dtype=bool)
    by_kind[place, seen[:, 1]] = True
    weight = by_kind @ np.array([weights[kind] for kind in order])
    a, b = pairs // count, pairs % count
    gap = np.abs(rank[a] - rank[b])
    best = np.lexsort((pairs, -gap * weight))[:most]
    return [
        Pair(
            *((int(a[k]), int(b[k])) if rank[a[k]] < rank[b[k]] else (int(b[k]), int(a[k]))),
            int(gap[k]),
            tuple(kind for kind, meets in zip(order, by_kind[k], strict=True) if meets),
            float(weight[k]),
        )
        for k in best.tolist()
    ]
