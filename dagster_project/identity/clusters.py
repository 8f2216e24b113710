"""Groups of records that are one customer, from accepted pairs and what must never be together.

Pairs are taken from the strongest to the weakest; a pair that would bring two records together
that must stay apart is cut. Most groups have no such conflict and are found as connected
components at once; only the others are taken pair by pair.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

NONE = -1
"""Code of a record that has no value of an identifier."""


@dataclass(frozen=True)
class Edges:
    """Accepted pairs, strongest first. ``is_told``: said by a person, so sources may repeat."""

    left: IntArray
    right: IntArray
    is_told: BoolArray


@dataclass(frozen=True)
class Apart:
    """What must never be in one cluster.

    ``exclusive``: arrays with a code per record, at most one code per cluster, ``NONE`` is free.
    ``once``: arrays with a code per record, each code at most once per cluster, ``NONE`` is free.
    ``left``, ``right``: pairs of records that a person told apart.
    """

    exclusive: Sequence[IntArray] = ()
    once: Sequence[IntArray] = ()
    left: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    right: IntArray = field(default_factory=lambda: np.empty(0, np.int64))


def cluster(count: int, edges: Edges, apart: Apart) -> tuple[IntArray, BoolArray]:
    """Return the cluster of each record (its smallest member) and which edges were cut.

    Args:
        count: Records, numbered from 0 in the order of their ids.
        edges: Accepted pairs, strongest first; their order decides which is cut.
        apart: Constraints.
    """
    group = _components(count, edges.left, edges.right)
    is_conflicted = _conflicted(group, apart)
    cut = np.zeros(len(edges.left), dtype=bool)
    if not is_conflicted.any():
        return group, cut
    slow = is_conflicted[group[edges.left]]
    joined = _join(edges, np.flatnonzero(slow), apart, cut)
    in_conflict = np.flatnonzero(is_conflicted[group])
    group[in_conflict] = [joined.first_of(int(record)) for record in in_conflict]
    return group, cut


def _components(count: int, left: IntArray, right: IntArray) -> IntArray:
    """Smallest record of the connected component of each record."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(len(left), dtype=np.int8)
    graph = coo_array((ones, (left, right)), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    _, first = np.unique(label, return_index=True)
    return first[label].astype(np.int64)


def _conflicted(group: IntArray, apart: Apart) -> BoolArray:
    """Whether a constraint is broken, by smallest record of the component."""
    broken = np.zeros(len(group), dtype=bool)
    for codes in apart.exclusive:
        known = codes != NONE
        pairs = np.unique(np.stack([group[known], codes[known]], axis=1), axis=0)
        groups, counts = np.unique(pairs[:, 0], return_counts=True)
        broken[groups[counts > 1]] = True
    for codes in apart.once:
        known = codes != NONE
        pairs, counts = np.unique(
            np.stack([group[known], codes[known]], axis=1), axis=0, return_counts=True
        )
        broken[pairs[counts > 1, 0]] = True
    together = group[apart.left] == group[apart.right]
    broken[group[apart.left[together]]] = True
    return broken


class _Groups:
    """Union-find over records; each group knows what may not join it."""

    def __init__(self, apart: Apart) -> None:
        self.apart = apart
        self.parent: dict[int, int] = {}
        self.codes: dict[int, list[set[int]]] = {}
        self.once: dict[int, list[set[int]]] = {}
        self.members: dict[int, set[int]] = {}
        self.told_apart: dict[int, set[int]] = {}
        for one, other in zip(apart.left.tolist(), apart.right.tolist(), strict=True):
            self.told_apart.setdefault(one, set()).add(other)
            self.told_apart.setdefault(other, set()).add(one)

    def first_of(self, record: int) -> int:
        """The smallest record of the group."""
        while (parent := self.parent.get(record, record)) != record:
            self.parent[record] = self.parent.get(parent, parent)
            record = parent
        return record

    def join(self, left: int, right: int, is_told: bool) -> bool:
        """Join two groups; false if they must stay apart."""
        one, other = sorted((self.first_of(left), self.first_of(right)))
        if one == other:
            return True
        self._open(one)
        self._open(other)
        if not self._may_join(one, other, is_told):
            return False
        self.parent[other] = one
        for mine, theirs in (
            *zip(self.codes[one], self.codes.pop(other), strict=True),
            *zip(self.once[one], self.once.pop(other), strict=True),
        ):
            mine |= theirs
        self.members[one] |= self.members.pop(other)
        return True

    def _open(self, record: int) -> None:
        if record not in self.members:
            self.members[record] = {record}
            self.codes[record] = [{int(codes[record])} - {NONE} for codes in self.apart.exclusive]
            self.once[record] = [{int(codes[record])} - {NONE} for codes in self.apart.once]

    def _may_join(self, one: int, other: int, is_told: bool) -> bool:
        exclusive = zip(self.codes[one], self.codes[other], strict=True)
        if any(len(mine | theirs) > 1 for mine, theirs in exclusive):
            return False
        once = zip(self.once[one], self.once[other], strict=True)
        if not is_told and any(mine & theirs for mine, theirs in once):
            return False
        small, large = sorted((self.members[one], self.members[other]), key=len)
        return not any(self.told_apart.get(record, set()) & large for record in small)


def _join(edges: Edges, places: IntArray, apart: Apart, cut: BoolArray) -> _Groups:
    """Take the edges at ``places`` in their order; mark in ``cut`` those that could not join."""
    groups = _Groups(apart)
    left, right = edges.left[places].tolist(), edges.right[places].tolist()
    told = edges.is_told[places].tolist()
    for place, one, other, is_told in zip(places.tolist(), left, right, told, strict=True):
        cut[place] = not groups.join(one, other, is_told)
    return groups
