"""What a request would touch, asked of released marts: a pure function of an open connection.

Costs, stock and exposure are not part of it; what no released mart holds is null with the reason,
never a guess.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dagster_project.errors import UsageError
from dagster_project.governance.requests.floors import (
    NO_FLOORS,
    Floor,
    floors_of,
    is_broken,
    strongest,
)

NO_INVOICES = "no invoice in the sources"

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
        count(distinct case when due_first_at is not null then order_id end) as promised,
        sum(net_amount_group * open_base_qty / nullif(ordered_base_qty, 0)) as amount
    from fct_order_line
    where not is_cancelled and open_base_qty > 0 and line_role <> 'COMPONENT'
    group by entity_id
)
select asked.entity_id, known.entity_id is not null, held.segment_code, revenue.amount,
    coalesce(opened.orders, 0), coalesce(opened.lines, 0), coalesce(opened.amount, 0),
    coalesce(opened.promised, 0), (select count(net_amount_group) > 0 from mart_customer_month)
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
    ``promised_orders``: open orders with a confirmed day; they keep the promise that they have.
    ``floors``: tiers that contracts promise at least; null where no release says.
    """

    entity_id: str
    segment_code: str | None
    revenue_12_months: Decimal | None
    revenue_null_reason: str | None
    open_orders: int | None
    open_lines: int | None
    open_amount: Decimal | None
    floors: tuple[Floor, ...] | None = None
    release_id: str | None = None
    as_of: str | None = None
    promised_orders: int | None = None


@dataclass(frozen=True)
class Impact:
    """What a request would touch.

    ``has_floor_conflict`` is null where nobody knows the contracts; ``contract_floor`` is what the
    strongest contract on the days of the request promises, which ``contract_id`` does until
    ``contract_end_date`` (null: until somebody ends it). ``revenue_at_risk``: what an entity that
    loses a promise bought in twelve months, zero where it loses none. ``otif_before`` and
    ``otif_after``: share of lines on time in full that the segments promise, null where none.
    """

    facts: Facts
    proposed_segment: str
    direction: str
    steps: int | None
    contract_floor: str | None
    has_floor_conflict: bool | None
    floor_null_reason: str | None
    contract_id: str | None = None
    contract_end_date: date | None = None
    revenue_at_risk: Decimal | None = None
    otif_before: Decimal | None = None
    otif_after: Decimal | None = None


def facts_of(
    con: Any,
    entities: Sequence[str],
    scheme_id: str,
    as_of: date,
    release_id: str | None = None,
) -> dict[str, Facts]:
    """Return what released marts know of entities, by entity; without those they do not know.

    Args:
        con: DuckDB connection whose default schema holds the marts.
        entities: Segmentation entities, in any order.
        scheme_id: Scheme whose current segment is wanted.
        as_of: Logical date of the release.
        release_id: Kept with the facts.
    """
    wanted = sorted(set(entities))
    rows = con.execute(_FACTS, [wanted, scheme_id, as_of, as_of]).fetchall()
    floors = floors_of(con, wanted)
    found = {}
    for entity, is_known, segment, amount, orders, lines, left, promised, has_invoices in rows:
        if not is_known:
            continue
        revenue = Decimal(amount or 0).quantize(Decimal("0.01")) if has_invoices else None
        found[entity] = Facts(
            *(entity, segment, revenue, None if has_invoices else NO_INVOICES, orders, lines),
            Decimal(str(left)).quantize(Decimal("0.01")),
            None if floors is None else floors[entity],
            release_id,
            as_of.isoformat(),
            promised,
        )
    return found


def impact_of(
    facts: Facts,
    proposed: str,
    ranks: Mapping[str, int | None],
    from_segment: str | None = None,
    effective: date | None = None,
    holds_until: date | None = None,
    promises: Mapping[str, Decimal] | None = None,
) -> Impact:
    """Return what a move would touch.

    Args:
        facts: As ``facts_of`` returns them.
        proposed: Segment asked for.
        ranks: Rank of each segment of the scheme; 1 is the best tier, null is no tier.
        from_segment: Where it starts; null takes the current one.
        effective: First day on which it shall hold; null asks for any day.
        holds_until: Last day; null where the rules go on after the first day.
        promises: Share of lines on time in full that a segment promises, by segment.
    """
    before, promised = from_segment or facts.segment_code or "", promises or {}
    old, new = ranks.get(before), ranks.get(proposed)
    first, last = effective or date.min, holds_until or effective or date.max
    floor = strongest(facts.floors or (), ranks, first, last)
    steps = None if old is None or new is None else abs(new - old)
    direction = "SPECIAL" if old is None or new is None else "UP" if new < old else "DOWN"
    known = facts.floors is not None
    code = floor.segment_code if floor else None
    return Impact(
        *(facts, proposed, direction, steps, code),
        has_floor_conflict=is_broken(floor, proposed, ranks) if known else None,
        floor_null_reason=None if known else NO_FLOORS,
        contract_id=floor.contract_id if floor else None,
        contract_end_date=floor.end_date if floor else None,
        revenue_at_risk=Decimal(0) if direction == "UP" else facts.revenue_12_months,
        otif_before=promised.get(before),
        otif_after=promised.get(proposed),
    )


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
