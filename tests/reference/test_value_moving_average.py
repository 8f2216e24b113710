"""The moving average in the warehouse is what going through the receipts one by one gives.

The model has no loop: it weighs each receipt by what is left of it. Here its SQL runs on receipts
and shipments that are drawn, and the plain rule beside it: stock on hand at the old average, the
receipt at its own cost.
"""

from collections import defaultdict

import duckdb
import numpy as np
import pytest

from dagster_project.settings import DBT_DIR
from dagster_project.value.landed_cost import moving_average

MODEL = DBT_DIR / "models" / "intermediate" / "profit" / "int_profit__landed_average.sql"


def sql() -> str:
    """Return the model's query on the tables `landed` and `shipped`."""
    import jinja2

    environment = jinja2.Environment()
    names = {"int_profit__landed_cost": "landed", "int_shipment__line": "shipped"}
    environment.globals |= {
        "config": lambda **_: "",
        "large_table": lambda: "table",
        "only_touched": lambda *_: "",
        "ref": names.__getitem__,
        "safe_divide": lambda top, bottom: (
            f"(cast({top} as double) / nullif(cast({bottom} as double), 0))"
        ),
    }
    return environment.from_string(MODEL.read_text(encoding="utf-8")).render()


def drawn(seed: int, days: int, lot: float, issue: float):
    """Return daily receipts (day, quantity, cost) and shipments (day, quantity) of one product.

    ``issue`` is the largest quantity shipped on a day or, below one, the share of the stock.
    """
    random = np.random.default_rng(seed)
    receipts, shipments, stock = [], [], 0.0
    for day in range(days):
        if random.random() < 0.6:
            receipts.append((day, float(random.integers(1, lot)), float(random.integers(1, 900))))
            stock += receipts[-1][1]
        if random.random() < 0.8:
            qty = float(int(stock * issue)) if issue < 1 else float(random.integers(1, issue))
            shipments.append((day, qty))
            stock = max(stock - qty, 0.0)
    return receipts, shipments


def one_by_one(receipts, shipments) -> list[float]:
    """Return the average after each receipt by the plain rule."""
    out = defaultdict(float)
    for day, qty in shipments:
        out[day] += qty
    stock, average, averages = 0.0, 0.0, []
    received = {day: (qty, cost) for day, qty, cost in receipts}
    for day in range(max(received) + 1):
        if day in received:
            qty, cost = received[day]
            average = float(moving_average([stock], [average], [qty], [cost])[0])
            averages.append(average)
            stock += qty
        stock = max(stock - out[day], 0.0)
    return averages


@pytest.mark.parametrize(
    ("lot", "issue"),
    [
        pytest.param(50, 45, id="stock lasts"),
        pytest.param(50, 20, id="stock grows"),
        pytest.param(20, 50, id="stock runs out again and again"),
        pytest.param(500, 0.8, id="little is left each time, for years"),
    ],
)
def test_average_of_three_years_of_receipts(lot, issue):
    receipts, shipments = drawn(7, 1_100, lot, issue)
    con = duckdb.connect()
    con.execute(
        "create table landed (product_id varchar, site_id varchar, received_date date,"
        " accepted_base_qty decimal(18, 6), landed_unit_cost_group decimal(18, 6));"
        "create table shipped (product_id varchar, substituted_product_id varchar,"
        " from_site_id varchar, departed_date date, shipped_base_qty decimal(18, 6))"
    )
    con.executemany(
        "insert into landed values ('P', 'DC', date '2023-01-01' + ?::int, ?, ?)", receipts
    )
    con.executemany(
        "insert into shipped values ('P', null, 'DC', date '2023-01-01' + ?::int, ?)", shipments
    )
    found = con.execute(
        f"select average_unit_cost_group::double as average from ({sql()}) order by valid_from"
    ).fetchnumpy()["average"]
    expected = one_by_one(receipts, shipments)
    assert len(found) == len(expected) > 600
    assert np.abs(found - expected).max() <= 1e-6
