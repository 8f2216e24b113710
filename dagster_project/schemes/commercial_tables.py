"""Reads contracts, incentives and tiers of the last fiscal quarters and writes their conflicts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.analytics.inputs import days, numbers, ranked_names
from dagster_project.analytics.tables import Tables
from dagster_project.errors import UsageError
from dagster_project.schemes.closed import Closed, segments_then
from dagster_project.schemes.commercial import (
    EVERGREEN,
    Alignment,
    Contracts,
    Incentives,
    Limits,
    align,
    codes,
    promise_class,
)
from dagster_project.schemes.outputs import MONEY, SCHEMAS
from dagster_project.schemes.policy import Settings
from dagster_project.schemes.quarters import Quarter, last_quarters
from dagster_project.segmentation.policy import EXCLUDED, Scheme
from dagster_project.segmentation.scores import IntArray

CONTRACT_COLUMNS = (
    "entity_id",
    "contract_id",
    "start_date",
    "end_date",
    "is_auto_renew",
    "tier_floor",
    "otif_target",
    "is_through_buying_group",
)
VALUE_COLUMNS = ("contract_id", "rate_month", "annual_value_group")
INCENTIVE_COLUMNS = (
    "incentive_kind",
    "sales_rep_id",
    "entity_id",
    "fiscal_period_id",
    "plan_class",
    "discount_class",
    "amount_group",
)
PERIOD_COLUMNS = (
    "calendar_id",
    "fiscal_period_id",
    "fiscal_year",
    "quarter_no",
    "start_date",
    "end_date",
)


def alignment_table(
    tables: Tables, closed: Closed, settings: Settings, schemes: Sequence[Scheme]
) -> pa.Table:
    """Return the alignment of each customer with a segment at the end of each of the last quarters.

    Args:
        tables: The warehouse.
        closed: The closed month.
        settings: Of the analyses.
        schemes: Active schemes of the engine.

    Raises:
        UsageError: A tier has no row in ``tier_commercial.csv``.
    """
    periods = tables.read("intermediate.int_calendar__fiscal_period", PERIOD_COLUMNS).to_pylist()
    companies = tables.read("intermediate.int_calendar__company", ["company_code", "calendar_id"])
    calendars = {row["company_code"]: row["calendar_id"] for row in companies.to_pylist()}
    quarters = last_quarters(periods, calendars["*"], closed, settings.alignment_quarters)
    party = tables.read("intermediate.int_customer__party", ["entity_id", "is_key_account"])
    keys = set(party.filter(party["is_key_account"])["entity_id"].to_pylist())
    # One order, so that sums of doubles have one last digit.
    contracts = tables.read("intermediate.int_scheme__contract", CONTRACT_COLUMNS)
    contracts = contracts.sort_by([("contract_id", "ascending"), ("entity_id", "ascending")])
    values = _values(tables, closed)
    incentives = tables.read("intermediate.int_scheme__incentive", INCENTIVE_COLUMNS)
    parts = [SCHEMAS["commercial_alignment"].empty_table()]
    for scheme in schemes:
        limits, promises = _limits(tables, scheme, settings)
        for quarter in quarters:
            segments = segments_then(tables, closed, quarter.day).sort_by("entity_id")
            segments = segments.filter(
                pc.and_(
                    pc.equal(segments["scheme_id"], scheme.scheme_id),
                    pc.not_equal(segments["segment_code"], EXCLUDED),
                )
            )
            parts.append(
                _quarter(
                    scheme, quarter, segments, keys, contracts, values, incentives, limits, promises
                )
            )
    table = pa.concat_tables(parts)
    month = pa.array([closed.start] * table.num_rows, pa.date32())
    return table.set_column(0, SCHEMAS["commercial_alignment"].field("as_of_month"), month)


def _values(tables: Tables, closed: Closed) -> dict[str, float]:
    """What each contract is worth per year, at the rate of the closed month."""
    rows = tables.read("intermediate.int_value__contract", VALUE_COLUMNS).to_pylist()
    return {
        row["contract_id"]: float(row["annual_value_group"])
        for row in rows
        if row["annual_value_group"] is not None and row["rate_month"] in (None, closed.start)
    }


def _limits(tables: Tables, scheme: Scheme, settings: Settings) -> tuple[Limits, Any]:
    rows = {
        row["segment_code"]: row
        for row in tables.read("policy.tier_commercial").to_pylist()
        if row["scheme_id"] == scheme.scheme_id
    }
    missing = [tier.code for tier in scheme.tiers if tier.code not in rows]
    if missing:
        raise UsageError(
            "The policy of the schemes is not usable.",
            f"seeds/policy/tier_commercial.csv: no row for {', '.join(missing)} of scheme"
            f" {scheme.scheme_id}, column segment_code.",
            "Add a row per tier: what it promises and what a contract has to be worth for it.",
        )
    ordered = [rows[tier.code] for tier in scheme.tiers]
    limits = Limits(
        np.array([float(row["min_annual_value_group"]) for row in ordered]),
        settings.alignment_expiry_days,
        settings.alignment_min_customers,
        settings.alignment_low_tier_rank,
    )
    return limits, np.array([float(row["otif_promise"]) for row in ordered])


def _quarter(
    scheme: Scheme,
    quarter: Quarter,
    segments: pa.Table,
    keys: set[str],
    contracts: pa.Table,
    values: Mapping[str, float],
    incentives: pa.Table,
    limits: Limits,
    promises: Any,
) -> pa.Table:
    names = segments["entity_id"].to_pylist()
    place = {name: k for k, name in enumerate(names)}
    rank_of = {tier.code: k + 1 for k, tier in enumerate(scheme.tiers)}
    codes_now = segments["segment_code"].to_pylist()
    rank = np.array([rank_of.get(code, 0) for code in codes_now], dtype=np.int64)
    is_key = np.array([name in keys for name in names], dtype=bool)
    reps, paid, notes = _incentives(incentives, quarter, place)
    day = int(np.datetime64(quarter.day, "D").astype(int))
    held = _contracts(contracts, place, values, rank_of, promises)
    found = align(rank, is_key, held, paid, day, limits)
    return _rows(scheme, quarter, names, codes_now, is_key, reps, notes, found)


def _contracts(
    contracts: pa.Table,
    place: Mapping[str, int],
    values: Mapping[str, float],
    rank_of: Mapping[str, int],
    promises: Any,
) -> Contracts:
    entity = np.array([place.get(name, -1) for name in contracts["entity_id"].to_pylist()])
    known = entity >= 0
    kept = contracts.filter(pa.array(known, pa.bool_()))
    end = days(kept["end_date"])
    own = zip(
        kept["contract_id"].to_pylist(), kept["is_through_buying_group"].to_pylist(), strict=True
    )
    return Contracts(
        entity=entity[known].astype(np.int64),
        start_day=days(kept["start_date"]),
        end_day=np.where(end == np.iinfo(np.int32).min, EVERGREEN, end),
        is_auto_renew=kept["is_auto_renew"].to_numpy(zero_copy_only=False).astype(bool),
        class_rank=promise_class(numbers(kept["otif_target"]), promises),
        floor_rank=np.array([rank_of.get(f, 0) for f in kept["tier_floor"].to_pylist()], dtype=int),
        # What another member of the buying group pays is not paid twice.
        value=np.array(
            [np.nan if shared else values.get(name, np.nan) for name, shared in own], dtype=float
        ),
    )


def _incentives(
    incentives: pa.Table, quarter: Quarter, place: Mapping[str, int]
) -> tuple[list[str], Incentives, dict[int, tuple[str | None, str | None]]]:
    """Commissions of the quarter, or targets where nobody was paid yet; and what the plan says."""
    of_quarter = pc.is_in(incentives["fiscal_period_id"], pa.array(quarter.periods, pa.string()))
    rows = incentives.filter(of_quarter)
    notes = {
        place[row["entity_id"]]: (row["plan_class"], row["discount_class"])
        for row in rows.sort_by("sales_rep_id").to_pylist()
        if row["incentive_kind"] == "TARGET" and row["entity_id"] in place
    }
    is_paid = pc.equal(rows["incentive_kind"], "COMMISSION")
    kind = "COMMISSION" if pc.any(is_paid).as_py() else "TARGET"
    rows = rows.filter(
        pc.and_(pc.equal(rows["incentive_kind"], kind), pc.is_valid(rows["amount_group"]))
    )
    sums = rows.group_by(["sales_rep_id", "entity_id"]).aggregate([("amount_group", "sum")])
    sums = sums.sort_by([("sales_rep_id", "ascending"), ("entity_id", "ascending")])
    entity = np.array([place.get(n, -1) for n in sums["entity_id"].to_pylist()], dtype=np.int64)
    names, rep = ranked_names(sums["sales_rep_id"])
    known = entity >= 0
    amount = numbers(sums["amount_group_sum"])
    found = Incentives(rep[known], entity[known], amount[known])
    return [str(name) for name in names], found, notes


def _rows(
    scheme: Scheme,
    quarter: Quarter,
    names: list[str],
    codes_now: list[str],
    is_key: Any,
    reps: list[str],
    notes: Mapping[int, tuple[str | None, str | None]],
    found: Alignment,
) -> pa.Table:
    schema = SCHEMAS["commercial_alignment"]
    count, tiers = len(names), [None, *(tier.code for tier in scheme.tiers)]
    plans = [notes.get(k, (None, None)) for k in range(count)]
    columns: dict[str, Any] = {
        "as_of_month": pa.nulls(count, pa.date32()),
        "scheme_id": [scheme.scheme_id] * count,
        "fiscal_quarter": [quarter.name] * count,
        "quarter_end_date": [quarter.day] * count,
        "entity_id": names,
        "segment_code": codes_now,
        "contract_class": [tiers[k] for k in found.contract_rank.tolist()],
        "contract_value_group": _money(found.contract_value),
        "contract_end_date": _dates(found.contract_end_day),
        "sales_plan_class": [plan for plan, _ in plans],
        "discount_class": [discount for _, discount in plans],
        "sales_rep_id": [None if k < 0 else reps[k] for k in found.rep.tolist()],
        "incentive_group": _money(found.incentive),
        "incentive_share": _share(found.incentive_share),
        "rep_kendall_tau": _share(found.rep_tau),
        "is_key_account": is_key,
        "conflict_codes": codes(found.conflicts).tolist(),
    }
    flags = ("above_tier", "below_tier", "against_tier", "expiring", "key_account_low")
    for k, name in enumerate(flags):
        columns[f"has_c{k + 1}_{name}"] = found.conflicts[:, k]
    arrays = [
        value if isinstance(value, pa.Array) else pa.array(value, schema.field(name).type)
        for name, value in ((field.name, columns[field.name]) for field in schema)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _money(values: Any) -> pa.Array:
    return pa.array(np.round(values, 4), mask=np.isnan(values)).cast(MONEY, safe=False)


def _share(values: Any) -> pa.Array:
    return pa.array(np.round(values, 9) + 0.0, mask=np.isnan(values))


def _dates(day: IntArray) -> pa.Array:
    return pa.array(day.astype(np.int32), mask=day == 0).cast(pa.date32())
