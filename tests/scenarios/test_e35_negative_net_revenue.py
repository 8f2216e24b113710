"""E35: a customer got more credit than it bought for."""

CUSTOMER = "E35"


def given(world):
    for month in ("2024-12", "2025-02", "2025-04"):
        order = f"E35-{month}"
        world.order(order, sold_to_customer_id=CUSTOMER, ordered_at=f"{month}-05T09:00:00Z")
        world.line(order, qty=10, due=f"{month}-12T15:00:00Z")
        world.invoice(
            f"I-{order}",
            {"order": order, "qty": 10, "net": 100, "cogs_std_amount": 60},
            sold_to_customer_id=CUSTOMER,
            posting_date=f"{month}-12",
        )
    world.invoice(
        "E35-CREDIT",
        {"order": "E35-2025-04", "qty": -10, "net": -900, "cogs_std_amount": -60},
        sold_to_customer_id=CUSTOMER,
        invoice_type="CREDIT",
        ref_invoice_id="I-E35-2025-04",
        posting_date="2025-05-12",
    )


def test_revenue_and_profit_are_negative_and_nothing_breaks(ask):
    [row] = ask(f"select * from marts.mart_profit_quadrant where entity_id = '{CUSTOMER}'")
    assert (row["net_revenue_group"], row["gross_profit_group"]) == (-600, -720)


def test_ratios_to_revenue_are_empty_and_say_why(ask):
    [row] = ask(f"select * from marts.mart_profit_quadrant where entity_id = '{CUSTOMER}'")
    assert (row["margin_rate"], row["cost_to_serve_ratio"], row["quadrant"]) == (None, None, None)
    assert row["null_reason"] == "net revenue is not positive"


def test_it_has_the_lowest_profit_percentile_of_all(ask):
    rows = ask(
        "select entity_id, percentile from marts.mart_segmentation__score_part"
        " where scheme_id = 'service' and attribute_id = 'gross_margin'"
        " and evaluation_month = date '2025-05-01' and value is not null"
        " order by percentile, entity_id"
    )
    assert len(rows) > 1
    assert rows[0]["entity_id"] == CUSTOMER
    assert rows[0]["percentile"] < rows[1]["percentile"]


def test_it_stands_last_on_the_whale_curve(ask):
    [row] = ask("select entity_id from marts.mart_whale_curve order by profit_rank desc limit 1")
    assert row["entity_id"] == CUSTOMER
