"""Reads contracts, their terms and the lines under them, and writes how they were kept."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dagster_project.analytics.inputs import (
    BoolArray,
    FloatArray,
    IntArray,
    days,
    numbers,
    ranked_names,
)
from dagster_project.analytics.tables import Tables
from dagster_project.improvement.contract import (
    ELEMENTS,
    Lines,
    Period,
    Term,
    against_tier,
    periods_of,
    renewal_within,
    term_of,
)
from dagster_project.improvement.outputs import table_of
from dagster_project.improvement.reads import Read
from dagster_project.improvement.values import ATTAINMENT, Key, Series
from dagster_project.schemes.closed import Closed

LINES = "marts.fct_order_line_service"
CONTRACTS, TERMS = "staging.stg_crm__contract", "staging.stg_crm__contract_sla_term"
ARTICLES = "intermediate.int_product__article"
BASES = ("req", "first", "last")
_BY_BASIS = ("due_{}_date", "is_due_{}", "is_otif_{}", "is_in_full_{}", "is_on_time_{}")
LINE_COLUMNS = (
    *("contract_id", "order_id", "line_no", "product_id", "ship_to_site_id"),
    *("segment_at_order_key", "net_amount_group", "countable_base_qty", "delivered_base_qty"),
    *("under_pct", "last_delivered_at"),
    *(name.format(basis) for basis in BASES for name in _BY_BASIS),
    *(f"delivered_by_due_{basis}_base_qty" for basis in BASES),
)
TERM_COLUMNS = (
    *("contract_id", "term_no", "element", "product_scope", "site_scope", "target", "unit"),
    *("basis", "measure_window", "penalty_type", "penalty_value", "cap_amount", "cure_days"),
    *("exclusions", "valid_from", "valid_to"),
)
CONTRACT_COLUMNS = (
    "contract_id",
    "version",
    "customer_id",
    "end_date",
    "is_auto_renew",
    "currency",
)
HISTORY_MONTHS = 24
"""Months for which a term is shown."""


def contract_reads(closed: Closed) -> tuple[Read, ...]:
    """Rows that the table depends on; of attainment it takes what the tier was promised."""
    promised = ("segment_key", "due_month", "basis", "metric_id", "promised_value")
    return (
        Read(LINES, LINE_COLUMNS, (("due_first_date", closed.end),), "contract_id"),
        Read(ATTAINMENT, promised, (("due_month", closed.start),)),
        *term_reads(),
        Read(ARTICLES, ("product_id", "product_family")),
    )


def term_reads() -> tuple[Read, ...]:
    """Contracts and their terms."""
    return (Read(TERMS, TERM_COLUMNS), Read(CONTRACTS, CONTRACT_COLUMNS))


class _Delivered:
    """Order lines under contracts, those of one contract side by side."""

    def __init__(self, table: pa.Table, families: Mapping[str, str]) -> None:
        names, place = ranked_names(table["contract_id"])
        self._rows = np.argsort(place, kind="stable")
        self._table = table
        self.begins = np.searchsorted(place[self._rows], np.arange(len(names) + 1))
        self.place_of = {str(name): k for k, name in enumerate(names)}
        self.products, self.product = self._names("product_id")
        self.families = np.array([families.get(one) for one in self.products], dtype=object)
        self.sites, self.site = self._names("ship_to_site_id")
        self.segments, self.segment = self._names("segment_at_order_key")
        _, self.order = self._names("order_id")
        self.ordered = self._numbers("countable_base_qty")
        enough = self.ordered * (1 - np.nan_to_num(self._numbers("under_pct")) / 100)
        self.is_there = self._numbers("delivered_base_qty") >= enough - 1e-6
        self.there_on = days(table["last_delivered_at"])[self._rows]
        self.amount = np.nan_to_num(self._numbers("net_amount_group"))
        self.due = {basis: days(table[f"due_{basis}_date"])[self._rows] for basis in BASES}
        self.filled = {
            basis: np.nan_to_num(self._numbers(f"delivered_by_due_{basis}_base_qty"))
            for basis in BASES
        }
        self.is_judged = {
            basis: self._flag(f"is_due_{basis}")
            & pc.is_valid(table[f"is_otif_{basis}"]).to_numpy()[self._rows]
            for basis in BASES
        }
        kinds = {kind for kind in ELEMENTS.values() if kind != "fill"}
        self.kept = {
            (kind, basis): self._flag(f"is_{kind}_{basis}") for kind in kinds for basis in BASES
        }

    def rows_of(self, contract_id: str) -> IntArray:
        place = self.place_of.get(contract_id)
        if place is None:
            return np.zeros(0, dtype=np.int64)
        return np.arange(self.begins[place], self.begins[place + 1])

    def is_of_product(self, rows: IntArray, scope: str) -> BoolArray:
        """Tell which lines are of a product, or of a product family."""
        found = np.flatnonzero((self.products == scope) | (self.families == scope))
        return np.isin(self.product[rows], found)

    def is_to_site(self, rows: IntArray, site_id: str) -> BoolArray:
        """Tell which lines go to a site."""
        return np.isin(self.site[rows], np.flatnonzero(self.sites == site_id))

    def main_segment(self, rows: IntArray) -> str:
        """Return the segment of most of the lines, the first by name of equals."""
        return str(self.segments[np.argmax(np.bincount(self.segment[rows]))])

    def _names(self, column: str) -> tuple[NDArray[np.object_], IntArray]:
        names, place = ranked_names(pc.fill_null(self._table[column], ""))
        return names, place[self._rows]

    def _numbers(self, column: str) -> FloatArray:
        return numbers(self._table[column])[self._rows]

    def _flag(self, column: str) -> BoolArray:
        values = pc.fill_null(self._table[column], False)
        return np.asarray(values.to_numpy(zero_copy_only=False), dtype=bool)[self._rows]


def contract_table(tables: Tables, closed: Closed, series: Mapping[Key, Series]) -> pa.Table:
    """Return each term with its periods; one row where nothing could be measured."""
    articles = tables.read(ARTICLES, ("product_id", "product_family")).to_pylist()
    families = {row["product_id"]: row["product_family"] for row in articles}
    delivered = _Delivered(tables.read(LINES, LINE_COLUMNS, "contract_id"), families)
    newest: dict[str, dict[str, Any]] = {}
    for row in tables.read(CONTRACTS, CONTRACT_COLUMNS).sort_by("version").to_pylist():
        newest[row["contract_id"]] = row
    terms = tables.read(TERMS, TERM_COLUMNS)
    terms = terms.sort_by([("contract_id", "ascending"), ("term_no", "ascending")])
    rows: list[dict[str, Any]] = []
    for row in terms.to_pylist():
        rows += _rows_of_term(row, newest.get(row["contract_id"]), delivered, closed, series)
    return table_of("contract_compliance", rows)


def _rows_of_term(
    row: Mapping[str, Any],
    contract: Mapping[str, Any] | None,
    delivered: _Delivered,
    closed: Closed,
    series: Mapping[Key, Series],
) -> Iterator[dict[str, Any]]:
    term = term_of(row)
    end = contract["end_date"] if contract and not contract["is_auto_renew"] else None
    common = {
        "as_of_month": closed.start,
        "contract_id": row["contract_id"],
        "term_no": row["term_no"],
        "customer_id": contract["customer_id"] if contract else None,
        "element": term.element,
        "basis": row["basis"],
        "measure_window": term.window,
        "target": term.target,
        "penalty_type": term.penalty_type,
        "cap_amount": term.cap,
        "currency": contract["currency"] if contract and term.penalty_type != "PCT" else None,
        "contract_end_date": contract["end_date"] if contract else None,
        "renewal_due_days": renewal_within(end - timedelta(days=1) if end else None, closed.end),
    }
    if term.element not in ELEMENTS:
        yield common | {"null_reason": "the element is not measured line by line"}
        return
    rows = delivered.rows_of(row["contract_id"])
    basis = row["basis"].lower()
    inside = rows[_inside(row, delivered, rows, basis, closed)]
    if not len(inside):
        yield common | {"null_reason": "no line under the contract was due"}
        return
    own = periods_of(term, _lines(term, delivered, inside, basis))
    tier_rows = rows[_inside(row, delivered, rows, "first", closed)]
    by_tier = {
        one.start: one.value
        for one in (
            periods_of(term, _lines(term, delivered, tier_rows, "first")) if len(tier_rows) else []
        )
    }
    segment = delivered.main_segment(inside)
    metric = {"otif": "OTIF", "on_time": "ON_TIME", "in_full": "LINE_FILL_RATE"}
    promised = series.get(
        (metric.get(ELEMENTS[term.element], "UNIT_FILL_RATE"), "FIRST", segment), Series()
    ).promised
    for one in own:
        yield common | _measured(term, one, by_tier, segment, promised)


def _measured(
    term: Term,
    one: Period,
    by_tier: Mapping[date, float],
    segment: str,
    promised: Mapping[date, float],
) -> dict[str, Any]:
    tier_target = promised.get(one.start)
    return {
        "period_month": one.start,
        "segment_key": segment,
        "value": one.value,
        "measured_count": one.measured,
        "excluded_count": one.excluded,
        "headroom": one.value - term.target,
        "is_met": one.value >= term.target - 1e-12,
        "breaches_count": one.breaches,
        "cured_count": one.cured,
        "penalty_exposure": one.exposure,
        "penalty_accrued": one.accrued,
        "tier_value": by_tier.get(one.start),
        "tier_target": tier_target,
        "against_tier": against_tier(term.target, tier_target),
    }


def _inside(
    row: Mapping[str, Any], delivered: _Delivered, rows: IntArray, basis: str, closed: Closed
) -> BoolArray:
    """Lines that the term is about, due on a date in its time and up to the closed month."""
    due = delivered.due[basis][rows]
    first = max(row["valid_from"], closed.before(HISTORY_MONTHS - 1))
    last = min(closed.end, row["valid_to"] - timedelta(days=1)) if row["valid_to"] else closed.end
    epoch = date(1970, 1, 1)
    kept = (due >= (first - epoch).days) & (due <= (last - epoch).days)
    kept &= delivered.is_judged[basis][rows]
    if row["product_scope"]:
        kept &= delivered.is_of_product(rows, row["product_scope"])
    if row["site_scope"]:
        kept &= delivered.is_to_site(rows, row["site_scope"])
    return np.asarray(kept, dtype=bool)


def _lines(term: Term, delivered: _Delivered, rows: IntArray, basis: str) -> Lines:
    what = ELEMENTS[term.element]
    due, ordered = delivered.due[basis][rows], delivered.ordered[rows]
    filled = delivered.filled[basis][rows]
    after = np.maximum(delivered.there_on[rows] - due, 0)
    kept = filled >= ordered - 1e-6 if what == "fill" else delivered.kept[what, basis][rows]
    return Lines(
        due,
        delivered.order[rows],
        kept,
        ordered,
        filled,
        delivered.amount[rows],
        np.where(delivered.is_there[rows], after, -1),
    )
