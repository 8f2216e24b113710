"""What contracts and people say about segments, and on which days the engine has to listen.

Arrays with one element per contract version or request; entities and segments are numbers, days
count from 1970-01-01. A day is a moment here: its first second. What is said counts from the
moment at which it was known, and its start may lie before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from dagster_project.reclassification.effective import NEVER, Calendar
from dagster_project.reclassification.state import floors_on, overrides_on
from dagster_project.segmentation.history import Family
from dagster_project.segmentation.scores import BoolArray, IntArray

NONE = -1


def _none() -> IntArray:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Promises:
    """Contract versions. ``tier`` is the floor, -1 for none; a version counts while it is known as
    the newest, ``known_day`` to ``known_until``, and in force, ``from_day`` to ``until_day``."""

    name: list[str] = field(default_factory=list)
    entity: IntArray = field(default_factory=_none)
    tier: IntArray = field(default_factory=_none)
    known_day: IntArray = field(default_factory=_none)
    known_until: IntArray = field(default_factory=_none)
    from_day: IntArray = field(default_factory=_none)
    until_day: IntArray = field(default_factory=_none)

    @property
    def first_day(self) -> IntArray:
        """First moment at which a version counts."""
        return np.maximum(self.known_day, self.from_day)

    @property
    def last_day(self) -> IntArray:
        """First moment at which it no longer does; an end that is learned late counts then."""
        return np.minimum(self.known_until, np.maximum(self.until_day, self.known_day))


@dataclass(frozen=True)
class Wishes:
    """Approved requests. ``moment`` is when one begins to count and ``effective_day`` the day from
    which the segment shall hold; a lasting one holds until ``until``, the others move once."""

    request_id: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    approval: list[str] = field(default_factory=list)
    approved_by: list[str] = field(default_factory=list)
    entity: IntArray = field(default_factory=_none)
    segment: IntArray = field(default_factory=_none)
    moment: IntArray = field(default_factory=_none)
    effective_day: IntArray = field(default_factory=_none)
    until: IntArray = field(default_factory=_none)
    seq: IntArray = field(default_factory=_none)
    is_lasting: BoolArray = field(default_factory=lambda: np.empty(0, dtype=bool))
    may_restate: BoolArray = field(default_factory=lambda: np.empty(0, dtype=bool))


@dataclass(frozen=True)
class Verdicts:
    """What people decided about proposals of rules, in the order of decisions. ``proposed_day`` is
    the day since which the proposal waits, ``moment`` the day on which the verdict counts."""

    request_id: list[str] = field(default_factory=list)
    decided_by: list[str] = field(default_factory=list)
    entity: IntArray = field(default_factory=_none)
    before: IntArray = field(default_factory=_none)
    after: IntArray = field(default_factory=_none)
    proposed_day: IntArray = field(default_factory=_none)
    moment: IntArray = field(default_factory=_none)
    is_yes: BoolArray = field(default_factory=lambda: np.empty(0, dtype=bool))


@dataclass(frozen=True)
class Told:
    """Everything that is not measured.

    ``closed_moment`` and ``closed_until``: when a fiscal period was closed, and the first day after
    it. ``family``: who belongs to whom. ``happened``: by kind of event, entities and days.
    """

    promises: Promises = field(default_factory=Promises)
    wishes: Wishes = field(default_factory=Wishes)
    family: Family = field(default_factory=Family)
    closed_moment: IntArray = field(default_factory=_none)
    closed_until: IntArray = field(default_factory=_none)
    calendar: Calendar | None = None
    verdicts: Verdicts = field(default_factory=Verdicts)
    happened: Mapping[str, tuple[IntArray, IntArray]] = field(default_factory=dict)

    def open_from(self, day: int) -> int:
        """First day that is in no period closed by then; ``NEVER`` while none is."""
        closed = self.closed_until[self.closed_moment <= day]
        return int(closed.max()) if len(closed) else NEVER

    def days(
        self, start_day: IntArray, last_day: int, every_contract: bool
    ) -> list[tuple[int, IntArray]]:
        """Days on which something begins or ends, in order, with the entities concerned.

        Args:
            start_day: First day of each entity; nothing is said before it.
            last_day: Last day that counts.
            every_contract: Whether contracts without a floor matter, because rules wait for them.
        """
        p, w = self.promises, self.wishes
        binds = (p.first_day < p.last_day) & ((p.tier >= 0) | every_contract)
        lasting = w.is_lasting & (w.until > w.moment)
        v = self.verdicts
        day = [p.first_day[binds], p.last_day[binds], w.moment, w.until[lasting], v.moment]
        who = [p.entity[binds], p.entity[binds], w.entity, w.entity[lasting], v.entity]
        if self.family.since_day is not None:
            changed = np.flatnonzero(self.family.since_day > NEVER)
            day, who = [*day, self.family.since_day[changed]], [*who, changed]
        for entities, days_known in self.happened.values():
            day, who = [*day, days_known], [*who, entities]
        if self.family.merged_day is not None and self.family.merged_into is not None:
            merged = np.flatnonzero(self.family.merged_into >= 0)
            day = [*day, self.family.merged_day[merged]]
            who = [*who, self.family.merged_into[merged]]
        days, entity = np.concatenate(day), np.concatenate(who)
        days = np.maximum(days, start_day[entity]) if len(entity) else days
        counts = days <= last_day
        pairs = np.unique(np.stack([days[counts], entity[counts]], axis=1), axis=0)
        values, starts = np.unique(pairs[:, 0], return_index=True)
        groups = np.split(pairs[:, 1], starts[1:]) if len(values) else []
        return [(int(at), group) for at, group in zip(values.tolist(), groups, strict=True)]


@dataclass(frozen=True)
class Said:
    """What counts on a day, one element per entity; places are those of contracts or requests."""

    floor_place: IntArray
    floor_since: IntArray
    override_place: IntArray
    request_place: IntArray
    wish_since: IntArray
    wish_open_from: IntArray
    signed: BoolArray
    expired: BoolArray
    contract_days_left: IntArray

    @property
    def events(self) -> dict[str, BoolArray]:
        """Contracts that begin or end on the day."""
        return {"CONTRACT_SIGNED": self.signed, "CONTRACT_EXPIRED": self.expired}

    def take(self, who: IntArray) -> "Said":
        """The part about some entities."""
        return Said(**{name: values[who] for name, values in vars(self).items()})


def said_on(told: Told, day: int, start_day: IntArray) -> Said:
    """Return what counts on a day, given the first day of each entity."""
    p, w, count = told.promises, told.wishes, len(start_day)
    in_force = (p.first_day <= day) & (day < p.last_day)
    bound = np.flatnonzero(in_force & (p.tier >= 0))
    found = floors_on(
        day, p.entity[bound], p.tier[bound], p.from_day[bound], p.last_day[bound], count
    )
    floor_place = np.append(bound, NONE)[found]
    begins = _from_start(p.first_day, p.entity, start_day) == day
    ends = (_from_start(p.last_day, p.entity, start_day) == day) & (p.first_day < p.last_day)
    floor_since = np.full(count, NEVER, dtype=np.int64)
    held = np.flatnonzero(floor_place >= 0)
    new = held[begins[floor_place[held]]]
    floor_since[new] = np.maximum(p.from_day[floor_place[new]], start_day[new])
    lasting = np.flatnonzero(w.is_lasting)
    found = overrides_on(
        day, w.entity[lasting], w.moment[lasting], w.until[lasting], w.seq[lasting], count
    )
    override_place = np.append(lasting, NONE)[found]
    moment = _from_start(w.moment, w.entity, start_day)
    once = np.flatnonzero(~w.is_lasting & (moment == day))
    once = once[np.argsort(w.seq[once], kind="stable")]
    request_place = np.full(count, NONE, dtype=np.int64)
    request_place[w.entity[once]] = once
    wish_place = np.where(override_place >= 0, override_place, request_place)
    fresh = np.flatnonzero(wish_place >= 0)
    fresh = fresh[moment[wish_place[fresh]] == day]
    wish_since = np.full(count, NEVER, dtype=np.int64)
    wish_since[fresh] = np.maximum(w.effective_day[wish_place[fresh]], start_day[fresh])
    wish_open_from = np.full(count, told.open_from(day), dtype=np.int64)
    wish_open_from[fresh[w.may_restate[wish_place[fresh]]]] = NEVER
    left = np.full(count, NEVER, dtype=np.int64)
    np.maximum.at(left, p.entity[in_force], p.until_day[in_force] - day)
    return Said(
        floor_place,
        floor_since,
        override_place,
        request_place,
        wish_since,
        wish_open_from,
        _mask(p.entity[begins & in_force], count),
        _mask(p.entity[ends], count),
        left,
    )


def _from_start(day: IntArray, entity: IntArray, start_day: IntArray) -> IntArray:
    """Nothing is said to an entity before its first day."""
    return np.maximum(day, start_day[entity]) if len(entity) else day


def _mask(entity: IntArray, count: int) -> BoolArray:
    result = np.zeros(count, dtype=bool)
    result[entity] = True
    return result
