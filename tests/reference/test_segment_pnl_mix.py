"""Mix and quantity of the Milano company through the bridge: budget against actual.

C. Drury, Management and Cost Accounting, exercise on sales margin mix and quantity variances:
budgeted X 8,000 at a margin of 20, Y 7,000 at 12, Z 5,000 at 9; actually 6,000, 7,000 and 9,000 at
the same margins. The split per product is arithmetic on the printed inputs.
"""

import pyarrow as pa
import pytest

from dagster_project.cost import engine

MARGINS = {"X": 20, "Y": 12, "Z": 9}
BUDGET = {"X": 8_000, "Y": 7_000, "Z": 5_000}
ACTUAL = {"X": 6_000, "Y": 7_000, "Z": 9_000}
QUANTITY = {"X": 16_000, "Y": 8_400, "Z": 4_500}
MIX = {"X": -56_000, "Y": -8_400, "Z": 31_500}
UNIT_COST = 30
"""Any cost of goods; the margin is what the case prints."""

DECIMAL = pa.decimal128(28, 6)


def goods() -> pa.Table:
    """Budget as the quarter before, actual as the quarter."""
    rows = [
        (quarter, product, sold[product] * (MARGINS[product] + UNIT_COST), sold[product])
        for quarter, sold in ((1, BUDGET), (2, ACTUAL))
        for product in MARGINS
    ]
    numbers, products, revenue, qty = zip(*rows, strict=True)
    cost = pa.array([each * UNIT_COST for each in qty]).cast(DECIMAL)
    amount = pa.array(revenue).cast(DECIMAL)
    return pa.table(
        {
            "quarter_index": numbers,
            "segment_key": ["service:S1"] * len(rows),
            "entity_id": ["MILANO"] * len(rows),
            "product_id": products,
            "lines": pa.array([1] * len(rows)),
            "qty": pa.array(qty).cast(DECIMAL),
            "revenue": amount,
            "goods_cost": cost,
            "revenue_constant": amount,
            "goods_cost_constant": cost,
        }
    )


def serving() -> pa.Table:
    text, number = pa.string(), DECIMAL
    schema = [
        ("quarter_index", pa.int64()),
        ("segment_key", text),
        ("entity_id", text),
        ("kind", text),
        ("usage", number),
        ("cost", number),
    ]
    return pa.schema(schema).empty_table()


@pytest.fixture(scope="module")
def made():
    tables = {
        "quarter": pa.table({"quarter_index": [1, 2], "fiscal_quarter": ["budget", "actual"]}),
        "goods": goods(),
        "serving": serving(),
    }
    found = engine.solve(tables, ["segment_pnl_bridge", "priced"], steps=["50_bridge"])
    bridge = found["segment_pnl_bridge"].to_pylist()
    return {row["step_code"]: row["amount_group"] for row in bridge}, found["priced"].to_pylist()


def test_quantity_and_mix_add_up_to_four_thousand_less(made):
    bridge, _ = made
    assert bridge["QUANTITY"] == 28_900
    assert bridge["MIX"] == -32_900
    assert bridge["CURRENT"] - bridge["PRIOR"] == -4_000


def test_margins_are_the_same_so_nothing_is_price_or_cost(made):
    bridge, _ = made
    others = set(bridge) - {"PRIOR", "CURRENT", "QUANTITY", "MIX"}
    assert {bridge[name] for name in others} == {0}


@pytest.mark.parametrize("product", MARGINS)
def test_split_of_each_product(made, product):
    _, cells = made
    [cell] = [row for row in cells if row["product_id"] == product]
    margin = cell["price"] - cell["unit_cost"]
    growth = float(cell["segment_q1"] / cell["segment_q0"])
    quantity = cell["q0"] * margin * (growth - 1)
    assert quantity == pytest.approx(QUANTITY[product], abs=1e-6)
    assert (cell["q1"] - cell["q0"]) * margin - quantity == pytest.approx(MIX[product], abs=1e-6)
