"""Contract floors as a release knows them, and which of them a request would break.

A contract that names a tier promises at least that tier while it holds. The rules engine keeps to
it whatever people approve; people are told before they approve.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

NO_FLOORS = "no released mart holds contract floors"
OPEN_END = date.max


@dataclass(frozen=True)
class Floor:
    """Lowest tier that a contract allows, from a day on until a day that no longer counts."""

    contract_id: str
    segment_code: str
    start_date: date | None = None
    end_date: date | None = None

    def holds_within(self, first: date, last: date) -> bool:
        """Tell whether it holds on any day from ``first`` to ``last``, both included."""
        return (self.start_date or date.min) <= last and first < (self.end_date or OPEN_END)


def floors_of(con: Any, entities: Sequence[str]) -> dict[str, tuple[Floor, ...]] | None:
    """Return the floors of entities, by entity; null where the release has no such mart.

    Args:
        con: DuckDB connection whose default schema holds the marts.
        entities: Segmentation entities.
    """
    found = con.execute(
        "select 1 from information_schema.tables where table_name = 'mart_contract_floor'"
    ).fetchone()
    if found is None:
        return None
    rows = con.execute(
        "select entity_id, contract_id, segment_code, start_date, end_date"
        " from mart_contract_floor where list_contains(?::varchar[], entity_id) order by 1, 2",
        [list(entities)],
    ).fetchall()
    floors: dict[str, tuple[Floor, ...]] = dict.fromkeys(entities, ())
    for entity, *floor in rows:
        floors[entity] = (*floors[entity], Floor(*floor))
    return floors


def strongest(
    floors: Sequence[Floor], ranks: Mapping[str, int | None], first: date, last: date
) -> Floor | None:
    """Return the floor with the best tier of those that hold within days; of equals the longest.

    Args:
        floors: Of one entity.
        ranks: Rank of each segment; 1 is the best tier, null is no tier.
        first: First day.
        last: Last day.
    """
    within = [
        (rank, -(one.end_date or OPEN_END).toordinal(), one.contract_id, one)
        for one in floors
        if (rank := ranks.get(one.segment_code)) is not None and one.holds_within(first, last)
    ]
    return min(within)[-1] if within else None


def is_broken(floor: Floor | None, proposed: str, ranks: Mapping[str, int | None]) -> bool:
    """Tell whether a segment is below a floor; a segment that is no tier is below each."""
    if floor is None:
        return False
    rank, least = ranks.get(proposed), ranks.get(floor.segment_code)
    return rank is None or (least is not None and rank > least)
