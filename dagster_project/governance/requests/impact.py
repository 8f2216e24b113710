"""What a request would touch, asked of released marts: a pure function of an open connection.

Promise changes, inventory and exposure are not part of it yet; what no released mart holds is null
with the reason, never a guess.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dagster_project.errors import UsageError

NO_INVOICES = "no invoice in the sources"
NO_FLOORS = "no released mart holds contract floors"

_FACTS = """
with asked as (select unnest(?::varchar[]) as entity_id),
known as (select distinct entity_id from dim_customer),
held as (
    select entity_id, max(segment_code) as segment_code
    from dim_customer_segment where is_current and scheme_id = ? group by entity_id
),
revenue as (
    select entity_id, sum(net_amount_group) as amount
    from mart_customer_month
    where activity_month > ?::date - interval 12 month and activity_month <= ?::date
    group by entity_id
),
opened as (
    select entity_id, count(distinct order_id) as orders, count(*) as lines,
        sum(net_amount_group * open_base_qty / nullif(ordered_base_qty, 0)) as amount
    from fct_order_line
    where not is_cancelled and open_base_qty > 0 and line_role <> 'COMPONENT'
    group by entity_id
)
select asked.entity_id, known.entity_id is not null, held.segment_code, revenue.amount,
    coalesce(opened.orders, 0), coalesce(opened.lines, 0), coalesce(opened.amount, 0),
    (select count(net_amount_group) > 0 from mart_customer_month)
from asked
left join known using (entity_id) left join held using (entity_id)
left join revenue using (entity_id) left join opened using (entity_id)
order by asked.entity_id
"""


@dataclass(frozen=True)
class Facts:
    """What a release knows of an entity. Amounts are in group currency.

    ``revenue_12_months``: invoiced net of the twelve months up to that of the logical date.
    ``open_amount``: net value of what of the open lines is not shipped yet.
    """

    entity_id: str
    segment_code: str | None
    revenue_12_months: Decimal | None
    revenue_null_reason: str | None
    open_orders: int | None
    open_lines: int | None
    open_amount: Decimal | None
    contract_floor: str | None = None
    release_id: str | None = None
    as_of: str | None = None


@dataclass(frozen=True)
class Impact:
    """What a request would touch; ``has_floor_conflict`` is null where no floor is known."""

    facts: Facts
    proposed_segment: str
    direction: str
    steps: int | None
    contract_floor: str | None
    has_floor_conflict: bool | None
    floor_null_reason: str | None


def facts_of(
    con: Any,
    entities: Sequence[str],
    scheme_id: str,
    as_of: date,
    floors: Mapping[str, str] | None = None,
    release_id: str | None = None,
) -> dict[str, Facts]:
    """Return what released marts know of entities, by entity; without those they do not know.

    Args:
        con: DuckDB connection whose default schema holds the marts.
        entities: Segmentation entities, in any order.
        scheme_id: Scheme whose current segment is wanted.
        as_of: Logical date of the release.
        floors: Lowest segment that a contract allows, by entity, where somebody knows it.
        release_id: Kept with the facts.
    """
    wanted = sorted(set(entities))
    rows = con.execute(_FACTS, [wanted, scheme_id, as_of, as_of]).fetchall()
    found = {}
    for entity, is_known, segment, amount, orders, lines, open_amount, has_invoices in rows:
        if not is_known:
            continue
        revenue = Decimal(amount or 0).quantize(Decimal("0.01")) if has_invoices else None
        found[entity] = Facts(
            *(entity, segment, revenue, None if has_invoices else NO_INVOICES, orders, lines),
            Decimal(str(open_amount)).quantize(Decimal("0.01")),
            (floors or {}).get(entity),
            release_id,
            as_of.isoformat(),
        )
    return found


def impact_of(
    facts: Facts,
    proposed: str,
    ranks: Mapping[str, int | None],
    from_segment: str | None = None,
) -> Impact:
    """Return what a move would touch.

    Args:
        facts: As ``facts_of`` returns them.
        proposed: Segment asked for.
        ranks: Rank of each segment of the scheme; 1 is the best tier, null is no tier.
        from_segment: Where it starts; null takes the current one.
    """
    old, new = ranks.get(from_segment or facts.segment_code or ""), ranks.get(proposed)
    floor = facts.contract_floor
    floor_rank = ranks.get(floor) if floor else None
    steps = None if old is None or new is None else abs(new - old)
    direction = "SPECIAL" if old is None or new is None else "UP" if new < old else "DOWN"
    conflict = None if floor_rank is None else new is None or new > floor_rank
    reason = None if floor else NO_FLOORS
    return Impact(facts, proposed, direction, steps, floor, conflict, reason)


def survivor_of(con: Any, entity: str) -> str | None:
    """Return the entity to which a customer or party of this id belongs now, or null."""
    found = con.execute(
        "select entity_id from dim_customer where customer_id = ? or party_key = ?"
        " order by customer_id = ? desc, customer_id limit 1",
        [entity, entity, entity],
    ).fetchone()
    return found[0] if found else None


def family_of(con: Any, group_id: str) -> list[str]:
    """Return the entities of a group of companies, or of the customers under one parent.

    Raises:
        UsageError: There is none.
    """
    rows = con.execute(
        "select distinct entity_id from dim_customer where group_id = ? or parent_customer_id = ?"
        " or customer_id = ? order by 1",
        [group_id] * 3,
    ).fetchall()
    if not rows:
        raise UsageError(
            f"There is no family {group_id}.",
            "No customer of the release has this group or this parent.",
            "Name the group or the parent customer as the ERP knows it.",
        )
    return [entity for (entity,) in rows]


def closed_periods(con: Any) -> list[tuple[date, date, datetime | None]]:
    """Return first day, first day after and closing time of the fiscal periods that are closed."""
    rows = con.execute(
        "select distinct start_date, end_date, closed_at from dim_fiscal_period"
        " where status = 'CLOSED' order by 1, 2"
    ).fetchall()
    return [(row[0], row[1], row[2]) for row in rows]


def unknown_entity(con: Any, entity: str) -> UsageError:
    """Say that there is no such entity, and which one took its place, if one did."""
    survivor = survivor_of(con, entity)
    return UsageError(
        f"There is no entity {entity}.",
        f"It belongs to {survivor} now." if survivor else "The release does not know it.",
        f"Use {survivor}." if survivor else "See `tierline explain` for the entity of a customer.",
    )
