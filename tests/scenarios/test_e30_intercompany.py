"""E30: a sister company buys more than any customer; it is in the books and in no segment."""

from decimal import Decimal

SISTER = "E30-SISTER"


def given(world):
    world.customer(SISTER, account_group="INTERCOMPANY")
    world.order("E30", order_type="INTERCO", sold_to_customer_id=SISTER)
    world.line("E30", qty=10000)
    world.ship("E30-S", "E30", qty=10000)
    world.invoice(
        "E30-I",
        {"order": "E30", "qty": 10000, "net": 100000, "cogs_std_amount": 60000},
        sold_to_customer_id=SISTER,
        is_intercompany=True,
    )


def test_it_is_in_the_books(ask):
    rows = ask(
        "select is_intercompany, net_amount_group from marts.fct_invoice_line"
        " where invoice_id = 'E30-I'"
    )
    assert rows == [{"is_intercompany": True, "net_amount_group": Decimal("100000.0000")}]


def test_it_is_excluded_from_segmentation_with_the_reason(ask):
    rows = ask(
        "select is_excluded, exclusion_reason from intermediate.int_customer__segmentation_entity"
        f" where customer_id = '{SISTER}'"
    )
    assert [row["is_excluded"] for row in rows] == [True]
    assert "INTERCOMPANY" in rows[0]["exclusion_reason"].upper()


def test_no_customer_of_that_name_is_ranked_scored_or_forecast(ask):
    for mart in (
        "marts.mart_whale_curve",
        "marts.mart_profit_quadrant",
        "marts.mart_segmentation__score",
        "marts.mart_demand_class",
    ):
        assert ask(f"select 1 from {mart} limit 1"), f"{mart} is empty and proves nothing"
        assert ask(f"select 1 from {mart} where entity_id = '{SISTER}'") == [], mart


def test_its_delivery_is_no_service_to_a_customer(service):
    line = service("E30")
    assert line["is_due_first"] is False
    assert line["otif_null_reason"] == "intercompany order"


def test_the_control_sees_it_and_finds_it_in_no_segment(ask):
    [row] = ask(
        "select status, left_value, detail from marts.fct_control_result"
        " where control_id = 'R-15' and dimension = 'all'"
    )
    assert (row["status"], row["left_value"]) == ("PASS", 0)
    assert "of 1 intercompany lines" in row["detail"]
