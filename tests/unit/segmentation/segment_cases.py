"""Small histories for the engine: months are written as text, customers as monthly revenue."""

import csv
import json
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from dagster_project.segmentation.attributes import MEASURES
from dagster_project.segmentation.engine import evaluate
from dagster_project.segmentation.history import (
    NEVER,
    Activity,
    Entities,
    first_day_of,
    month_number,
)
from dagster_project.segmentation.policy import parse_policy
from dagster_project.segmentation.scores import UNIT
from dagster_project.settings import SEEDS_DIR


def month(text):
    return month_number(np.datetime64(text, "D"))


def days(text):
    return int(np.datetime64(text, "D").astype(int))


def seed(name):
    with (SEEDS_DIR / "policy" / f"{name}.csv").open(newline="") as handle:
        return [{k: v or None for k, v in row.items()} for row in csv.DictReader(handle)]


def policy_rows():
    names = ("segment_scheme", "segment", "segment_threshold", "scheme_attribute", "reclass_rule")
    return [seed(name) for name in names]


@dataclass(frozen=True)
class Move:
    """What a threshold rule of one direction needs."""

    consecutive: int
    dwell_days: int
    notice_days: int
    freeze_months: frozenset = frozenset()


def moved_by(rows, direction, move):
    """The rules with those of one direction changed; the others stay."""
    last = {month: monthrange(2024, month)[1] for month in move.freeze_months}
    changes = {
        "consecutive_evaluations": str(move.consecutive),
        "min_dwell_days": str(move.dwell_days),
        "notice_days_customer": str(move.notice_days),
        "effective_policy": "NEXT_MONTH",
        "freeze_windows": json.dumps([f"{m:02d}-01/{m:02d}-{end}" for m, end in last.items()]),
    }
    return tuple(row | changes if row["direction"] == direction else row for row in rows)


def default_scheme(up=None, down=None, **changes):
    (scheme,) = parse_policy(*policy_rows())
    rules = changes.pop("rules", scheme.rules)
    for direction, move in (("UP", up), ("DOWN", down)):
        rules = rules if move is None else moved_by(rules, direction, move)
    return replace(scheme, rules=rules, **changes)


def quick_scheme(**changes):
    """Only revenue counts, one month is the window, nobody has to wait."""
    scheme = default_scheme()
    defaults: dict = {
        "attributes": tuple(a for a in scheme.attributes if a.attribute_id == "net_revenue"),
        "window_months": 1,
        "onboarding_min_orders": 1,
        "onboarding_min_days": 0,
        "up": Move(2, 0, 0),
        "down": Move(3, 0, 0),
    }
    return default_scheme(**(defaults | changes))


def rows(*facts):
    """One row per fact: entity, month, revenue, and optionally orders and month of knowledge."""
    columns = {"entity": [], "active": [], "known": [], "revenue": [], "orders": []}
    for fact in facts:
        entity, active, revenue, *rest = fact
        columns["entity"].append(entity)
        columns["active"].append(month(active))
        columns["revenue"].append(revenue)
        columns["orders"].append(rest[0] if rest else 1)
        columns["known"].append(month(rest[1]) if len(rest) > 1 else month(active))
    array = {name: np.array(values, dtype=np.int64) for name, values in columns.items()}
    first_day = np.array([first_day_of(m) for m in columns["active"]], dtype=np.int64)
    ordered = array["orders"] > 0
    measures = {name: np.zeros(len(facts), dtype=np.int64) for name in MEASURES}
    measures |= {
        "orders_count": array["orders"],
        "order_lines_count": array["orders"],
        "net_amount_group": array["revenue"] * UNIT,
        "invoice_lines_count": np.ones(len(facts), dtype=np.int64),
    }
    return Activity(
        array["entity"],
        array["active"],
        array["known"],
        np.where(ordered, first_day, -NEVER),
        np.where(ordered, first_day, NEVER),
        measures,
    )


def entities(count, created="2023-01-01", excluded=()):
    return Entities(
        [f"E{i:03d}" for i in range(count)],
        np.full(count, days(created), dtype=np.int64),
        np.full(count, NEVER, dtype=np.int64),
        np.isin(np.arange(count), excluded),
        ["TEST" if i in excluded else "" for i in range(count)],
    )


def months(first, count):
    start = np.datetime64(first[:7], "M")
    return [str((start + i).astype("datetime64[D]")) for i in range(count)]


def crowd(spine, size=100):
    """Customers 1..size with revenue equal to their number: a ruler to be ranked against."""
    return [(i, m, i * 1000) for m in spine for i in range(1, size + 1)]


def at_percentile(points):
    """Revenue that ranks customer 0 at about this percentile of ``crowd``."""
    return int(points * 1010) - 500


def path(outcome, entity=0):
    return [(e.before, e.after) for e in outcome.events if e.entity == entity and e.before]


def run(facts, as_of, scheme=None, **kwargs):
    activity = rows(*facts)
    count = int(activity.entity.max()) + 1
    return evaluate(entities(count, **kwargs), activity, scheme or quick_scheme(), as_of)


def text(day):
    return str(date.fromordinal(day + date(1970, 1, 1).toordinal()))
