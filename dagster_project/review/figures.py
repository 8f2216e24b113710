"""What a release says of the segments in a fiscal quarter: lines, effects and the bridge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from dagster_project.errors import UsageError

QUARTERS, BRIDGE = "mart_segment_pnl_quarter", "mart_segment_pnl_bridge"
TIERS, SEGMENTS = "mart_tier_sustainability", "dim_segment"
MARTS = (QUARTERS, BRIDGE, TIERS, SEGMENTS)
LINES = {
    "GROSS_SALES": "Gross sales",
    "DISCOUNT": "Discounts",
    "FREIGHT_RECOVERED": "Freight charged to customers",
    "OTHER_ADJUSTMENT": "Other adjustments",
    "REBATE": "Rebates",
    "NET_REVENUE": "Net revenue",
    "COGS": "Cost of goods",
    "GROSS_PROFIT": "Gross profit",
    "FREIGHT": "Freight",
    "SAMPLE": "Goods given away",
    "ACTIVITY": "Activities of serving",
    "WORKING_CAPITAL": "Interest on receivables and stock",
    "BAD_DEBT": "Receivables lost",
    "COST_TO_SERVE": "Cost of serving",
    "NET_TO_SERVE": "Net-to-serve",
}
TOTALS = {"NET_REVENUE", "GROSS_PROFIT", "COST_TO_SERVE", "NET_TO_SERVE"}
STEPS = {
    "PRIOR": "Net-to-serve of the quarter before",
    "PRICE": "Price",
    "QUANTITY": "Quantity",
    "MIX": "Mix of articles",
    "UNIT_COST": "Cost of a piece",
    "CTS_RATE": "Cost of a minute of serving",
    "CTS_INTENSITY": "Minutes of serving",
    "FX": "Rates of exchange",
    "NEW": "New customers and articles",
    "LOST": "Lost customers and articles",
    "MIGRATION_IN": "Customers who moved in",
    "MIGRATION_OUT": "Customers who moved out",
    "CURRENT": "Net-to-serve of the quarter",
}
UNNAMED = {"-1": "Unassigned", "-2": "No customer"}
ENDS = ("PRIOR", "CURRENT")
AMOUNTS = ("amount_group", "prior_amount_group", "year_before_amount_group", "budget_amount_group")
"""A segment without any of them in any line is left out."""


@dataclass(frozen=True)
class SegmentQuarter:
    """One segment: its lines and bridge in the order of the marts, rows as columns by name.

    ``verdict``: whether the tier pays for its service; null where it is no tier.
    """

    key: str
    name: str
    lines: list[dict[str, Any]]
    steps: list[dict[str, Any]] = field(default_factory=list)
    verdict: str | None = None

    def amount(self, line_code: str, column: str = "amount_group") -> Decimal | None:
        """Return one figure of a line."""
        found = {line["line_code"]: line[column] for line in self.lines}
        return found.get(line_code)

    @property
    def effects(self) -> dict[str, Decimal]:
        """The steps of the bridge between its two ends."""
        return {s["step_code"]: s["amount_group"] for s in self.steps if s["step_code"] not in ENDS}


def read_quarter(
    con: Any, quarter: str | None = None, segment: str | None = None
) -> tuple[str, list[SegmentQuarter]]:
    """Return a quarter and its segments, tiers first.

    Args:
        con: Connection to the database of a release.
        quarter: Such as ``2025-Q3``; the last one that is over when not given.
        segment: Key such as ``service:S1``; all when not given.

    Raises:
        UsageError: The release has no such quarter, or no such segment in it.
    """
    chosen = _chosen(con, quarter)
    names = {row["segment_key"]: row for row in _rows(con, f"from {SEGMENTS}")}
    steps, verdicts = _by_segment(con, BRIDGE, chosen), _by_segment(con, TIERS, chosen)
    lines = {
        key: sorted(rows, key=lambda row: row["line_no"])
        for key, rows in _by_segment(con, QUARTERS, chosen).items()
        if any(row[name] for row in rows for name in AMOUNTS)
    }
    keys = sorted(lines, key=lambda key: _place(key, names))
    if segment is not None and segment not in keys:
        raise UsageError(
            f"Nothing is known of segment {segment} in {chosen}.",
            f"Known: {', '.join(keys)}.",
            "Choose one of them.",
        )
    return chosen, [
        SegmentQuarter(
            key,
            _name(key, names),
            lines[key],
            sorted(steps.get(key, []), key=lambda row: row["step_no"]),
            verdicts[key][0]["verdict"] if key in verdicts else None,
        )
        for key in keys
        if segment in (None, key)
    ]


def _chosen(con: Any, quarter: str | None) -> str:
    query = f"select distinct fiscal_quarter as quarter from {QUARTERS} order by 1"
    known = [str(row["quarter"]) for row in _rows(con, query)]
    if not known:
        raise UsageError(
            "No quarter is over.",
            "A review is of a whole quarter.",
            "Build with the documents of a whole quarter.",
        )
    if quarter is not None and quarter not in known:
        raise UsageError(
            f"The release has no quarter {quarter}.",
            f"Known: {known[0]} to {known[-1]}.",
            "Choose one of them.",
        )
    return quarter or known[-1]


def _place(key: str, names: Mapping[str, Any]) -> tuple[bool, int, str]:
    rank = names[key]["tier_rank"] if key in names else None
    return rank is None, rank or 0, key


def _name(key: str, names: Mapping[str, Any]) -> str:
    if key not in names:
        return UNNAMED.get(key, key)
    label = names[key]["label"]
    return f"{names[key]['segment_code']} {label}" if label else names[key]["segment_code"]


def _by_segment(con: Any, mart: str, quarter: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(con, f"from {mart} where fiscal_quarter = ?", [quarter]):
        found.setdefault(row["segment_key"], []).append(row)
    return found


def _rows(con: Any, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
    cursor = con.execute(query, values or [])
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
