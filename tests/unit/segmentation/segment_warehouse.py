"""A made-up warehouse of forty customers and two years, as the table port sees it."""

import csv
from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa

from dagster_project.analytics.tables import MemoryTables
from dagster_project.settings import SEEDS_DIR

COUNT, MONTHS = 40, 24
POLICY = ("segment_scheme", "segment", "segment_threshold", "scheme_attribute", "reclass_rule")


def activity_rows(seed=7):
    random = np.random.default_rng(seed)
    size = random.lognormal(8, 1.2, COUNT)
    found = []
    for m in range(MONTHS):
        first = date(2023 + m // 12, m % 12 + 1, 1)
        for customer in range(COUNT):
            orders = int(random.poisson(2))
            if not orders or (customer == 5 and m > 8):
                continue
            net = Decimal(int(size[customer] * orders * random.lognormal(0, 0.4) * 10_000)) / 10_000
            found.append(
                {
                    "entity_id": f"E{customer:02d}",
                    "activity_month": first,
                    "known_month": first,
                    "first_order_date": first.replace(day=3),
                    "last_order_date": first.replace(day=20),
                    "orders_count": orders,
                    "order_lines_count": orders * 3,
                    "net_amount_group": net,
                    "margin_group": net / 4,
                    "credit_amount_group": Decimal(0),
                    "invoice_lines_count": orders * 3,
                    "costed_lines_count": orders * 3,
                }
            )
    return found


def warehouse(rows=None):
    rows = activity_rows() if rows is None else rows
    money = pa.decimal128(18, 4)
    types = {
        "entity_id": pa.string(),
        "activity_month": pa.date32(),
        "known_month": pa.date32(),
        "first_order_date": pa.date32(),
        "last_order_date": pa.date32(),
        "orders_count": pa.int64(),
        "order_lines_count": pa.int64(),
        "net_amount_group": money,
        "margin_group": money,
        "credit_amount_group": money,
        "invoice_lines_count": pa.int64(),
        "costed_lines_count": pa.int64(),
    }
    for row in rows:
        for name in ("net_amount_group", "margin_group"):
            row[name] = row[name].quantize(Decimal("0.0001"))
    entities = [
        {
            "entity_id": f"E{customer:02d}",
            "created_date": date(2022, 6, 1),
            "first_activity_date": date(2023, 1, 3),
            "is_excluded": customer == 9,
            "exclusion_reason": "EMPLOYEE" if customer == 9 else None,
        }
        for customer in range(COUNT)
    ]
    tables = MemoryTables(
        {
            "intermediate.int_customer__month": pa.Table.from_pylist(
                rows, schema=pa.schema(list(types.items()))
            ),
            "intermediate.int_segment__entity": pa.Table.from_pylist(entities),
        }
    )
    for name in POLICY:
        with (SEEDS_DIR / "policy" / f"{name}.csv").open(newline="") as handle:
            found = [{k: v or None for k, v in row.items()} for row in csv.DictReader(handle)]
        tables.write(f"policy.{name}", pa.Table.from_pylist(found))
    return tables
