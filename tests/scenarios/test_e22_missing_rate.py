"""E22: an order in a currency without a rate for its day is set aside, never taken at 1.0."""


def given(world):
    world.order("E22-KNOWN", currency="USD", ordered_at="2025-03-03T09:00:00Z")
    world.line("E22-KNOWN", qty=10)
    world.order("E22-MISSING", currency="USD", ordered_at="2025-03-04T09:00:00Z")
    world.line("E22-MISSING", qty=10)
    world.ship("E22-S", "E22-MISSING", qty=10)
    world.row(
        "erp.fx_rate",
        from_currency="USD",
        to_currency="EUR",
        rate_date="2025-03-03",
        rate_type="M",
        rate="0.9",
    )


def test_a_known_rate_converts(ask):
    [row] = ask(
        "select net_amount, fx_rate_to_group, net_amount_group from marts.fct_order_line"
        " where order_id = 'E22-KNOWN'"
    )
    assert (float(row["net_amount"]), float(row["net_amount_group"])) == (100.0, 90.0)


def test_without_a_rate_the_line_is_in_no_fact(ask):
    for fact in ("core.fct_order_line", "service.fct_order_line_service"):
        table = fact.split(".")[1]
        assert ask(f"select 1 from marts.{table} where order_id = 'E22-MISSING'") == []


def test_it_is_counted_with_its_reason(ask):
    rows = ask(
        "select reason, detail from intermediate.int_order__line_rejected"
        " where order_id = 'E22-MISSING'"
    )
    assert rows == [{"reason": "missing_rate", "detail": "No rate from USD on 2025-03-04"}]


def test_its_shipment_is_still_known(ask):
    assert len(ask("select 1 from marts.fct_shipment_line where shipment_id = 'E22-S'")) == 1
