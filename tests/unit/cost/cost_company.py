"""A company of a few rows for the cost scripts: what is not said is plain."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from dagster_project.cost import engine
from dagster_project.cost.run import DRIVERS, ORDER_DRIVERS, READS_OF

DECIMAL = pa.decimal128(28, 8)
TYPES = {
    "date": pa.date32(),
    "text": pa.string(),
    "flag": pa.bool_(),
    "whole": pa.int64(),
    "number": DECIMAL,
}
DATES = {
    "posting_date",
    "cost_date",
    "freight_date",
    "shipped_date",
    "earned_date",
    "valid_from",
    "valid_to",
    "start_date",
    "end_date",
}
WHOLE = {"fiscal_year", "quarter_no", "tier_rank"}
RATE = {
    "pool_id": "DESK",
    "cost_level": "ORDER",
    "cost_centre": "C1",
    "currency": "EUR",
    "activity_id": "ENTRY",
    "activity_name": "Order entry",
    "activity_driver": "ORDER",
}
OUTPUTS = (
    "cts_segment",
    "cts_assignment",
    "capacity_usage",
    "segment_pnl",
    "segment_pnl_quarter",
    "segment_pnl_bridge",
    "tier_sustainability",
    "cts_scenario",
)


def _columns(name: str) -> list[str]:
    _, columns, dated = READS_OF[name]
    return list(columns) if dated is None or dated in columns else [*columns, dated]


def _type(column: str) -> pa.DataType:
    if column in DATES:
        return TYPES["date"]
    if column.startswith("is_"):
        return TYPES["flag"]
    if column in WHOLE:
        return TYPES["whole"]
    measured = ("_qty", "_amount", "_group", "_local", "_minutes", "amount", "factor")
    return DECIMAL if column.endswith(measured) else TYPES["text"]


@dataclass
class CostCompany:
    """Rows of the inputs, and the months of 2025 as periods of one calendar."""

    rows: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {name: [] for name in READS_OF}
    )

    homes: dict[tuple[str, int], str] = field(default_factory=dict)
    """Segment of an entity in a month in which it bought, unless ``tier`` says another."""

    def __post_init__(self) -> None:
        for month in range(1, 13):
            end = date(2025 + month // 12, month % 12 + 1, 1)
            self.add(
                "calendar",
                calendar_id="M",
                fiscal_period_id=f"2025-{month:02d}",
                fiscal_year=2025,
                quarter_no=(month + 2) // 3,
                start_date=date(2025, month, 1),
                end_date=end,
            )
        for code in ("*", "1000"):
            self.add("company", company_code=code, calendar_id="M")
        for rank in range(1, 5):
            self.add(
                "segment",
                scheme_id="service",
                segment_code=f"S{rank}",
                kind="TIER",
                tier_rank=rank,
            )

    def add(self, table: str, **values: Any) -> None:
        self.rows[table].append(values)

    def tier(self, entity: str, segment: str, start: int = 1, end: int = 13) -> None:
        """Put an entity in a segment from one month of 2025 up to another."""
        self.add(
            "assignment",
            scheme_id="service",
            entity_id=entity,
            segment_key=f"service:{segment}",
            valid_from=date(2025, start, 1),
            valid_to=date(2025 + (end - 1) // 12, (end - 1) % 12 + 1, 1),
            is_latest_belief=True,
        )

    def work(self, entity: str, month: int, **drivers: Any) -> None:
        """Count work of an entity in a month; drivers without their ``_qty``."""
        unknown = set(drivers) - set(DRIVERS)
        assert not unknown, f"no driver {unknown}"
        counted = {f"{name}_qty": drivers.get(name, 0) for name in DRIVERS}
        dated = {"cost_date": date(2025, month, 10), "entity_id": entity}
        self.add("volume", **dated, **counted)
        ordered = {f"{name}_qty": drivers.get(name, 0) for name in ORDER_DRIVERS}
        self.add("order_volume", order_id=f"O-{entity}", **dated, **ordered)

    def pool(
        self, month: int, amount: Any, practical: Any, times: dict[str, Any], **values: Any
    ) -> None:
        """Add a pool with one activity: minutes per unit by driver."""
        row = RATE | values | {"fiscal_period_id": f"2025-{month:02d}", "amount": amount}
        row = {"amount_group": amount, "practical_minutes": practical} | row
        if practical:
            row |= {
                "theoretical_minutes": Decimal(practical) / Decimal("0.82"),
                "minute_rate_group": Decimal(amount) / Decimal(practical),
            }
        for driver, minutes in (times or {"": None}).items():
            term = {"driver": driver.upper() or None, "standard_minutes": minutes}
            self.add("cost_rate", **row | term)

    def sale(
        self, entity: str, month: int, qty: Any, net: Any, cost: Any, segment: str, **values: Any
    ) -> None:
        """Add an invoice line; amounts are in euro unless ``rate`` says what a unit is worth."""
        rate = Decimal(str(values.pop("rate", 1)))
        row = {
            "entity_id": entity,
            "fiscal_period_id": f"2025-{month:02d}",
            "posting_date": date(2025, month, 15),
            "company_code": "1000",
            "product_id": "P",
            "currency": "EUR",
            "local_currency": "EUR",
            "invoiced_base_qty": qty,
            "net_amount": net,
            "rebate_amount": 0,
            "rebate_amount_group": 0,
            "rebate_amount_local": 0,
            "discount_amount_group": 0,
            "discount_amount_local": 0,
        }
        group = Decimal(str(net)) * rate
        for name in ("net_amount_group", "net_amount_local", "gross_amount_group"):
            row[name] = group
        row |= {"cogs_amount_group": cost, "cogs_amount_local": cost}
        self.homes[entity, month] = segment
        self.add("invoice_line", **row | values)

    def solved(self, through: date = date(2026, 1, 1)) -> dict[str, list[dict[str, Any]]]:
        """Run all scripts and return the rows of their tables."""
        placed = {row["entity_id"] for row in self.rows["assignment"]}
        for (entity, month), segment in sorted(self.homes.items()):
            if entity not in placed:
                self.tier(entity, segment, month, month + 1)
        tables = {name: self.table(name).to_reader for name in READS_OF}
        parameters = {"through": through, "scheme": "service", "low": 0.80, "high": 0.85}
        made = engine.solve(tables, OUTPUTS, parameters=parameters)
        return {name: table.to_pylist() for name, table in made.items()}

    def table(self, name: str) -> pa.Table:
        """Return an input as the scripts read it."""
        columns = {
            column: pa.array(
                [_value(row.get(column), _type(column)) for row in self.rows[name]], _type(column)
            )
            for column in _columns(name)
        }
        return pa.table(columns)


def _value(value: Any, data_type: pa.DataType) -> Any:
    if value is None or data_type != DECIMAL:
        return value
    return Decimal(str(value)).quantize(Decimal("1e-8"))


def steps(rows: list[dict[str, Any]], segment: str, quarter: str) -> dict[str, Decimal]:
    """Return the bridge of a segment in a quarter by step."""
    return {
        row["step_code"]: row["amount_group"]
        for row in rows
        if row["segment_key"] == f"service:{segment}" and row["fiscal_quarter"] == quarter
    }
