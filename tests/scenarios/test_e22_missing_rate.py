"""E22: what has no rate for its day is set aside and named by R-16, never taken at 1.0.

An order in dollars, and a company whose books are in dollars: it invoices in euro, the goods cost
dollars, and the group reports in euro.
"""

import pytest


def given(world):
    world.order("E22-KNOWN", currency="USD", ordered_at="2025-03-03T09:00:00Z")
    world.line("E22-KNOWN", qty=10)
    world.order("E22-MISSING", currency="USD", ordered_at="2025-03-04T09:00:00Z")
    world.line("E22-MISSING", qty=10)
    world.ship("E22-S", "E22-MISSING", qty=10)
    world.row(
        "finance.gl_balance",
        company_code="E22-US",
        fiscal_period_id="2025-03",
        account="1000",
        amount_local=0,
        currency="USD",
    )
    for day in ("03", "04"):
        world.invoice(
            f"E22-I{day}",
            {"order": "E22-KNOWN", "qty": 10, "net": 200, "cogs_std_amount": 100},
            company_code="E22-US",
            posting_date=f"2025-03-{day}",
        )
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


def test_a_cost_in_another_currency_converts_at_the_rate_of_its_day(ask):
    [row] = ask(
        "select local_currency, net_amount_group, cogs_amount_group from marts.fct_invoice_line"
        " where invoice_id = 'E22-I03'"
    )
    assert tuple(row.values()) == ("USD", 200, 90)


def test_an_invoice_whose_cost_has_no_rate_is_set_aside_whole(ask):
    assert ask("select 1 from marts.fct_invoice_line where invoice_id = 'E22-I04'") == []
    rows = ask(
        "select reason from intermediate.int_invoice__line_rejected where invoice_id = 'E22-I04'"
    )
    assert rows == [{"reason": "missing_rate"}]


@pytest.mark.parametrize("feed", ["erp.sales_order_line", "erp.invoice_line"])
def test_control_r_16_fails_and_says_how_many_lines_wait(ask, feed):
    [row] = ask(
        "select status, left_value from marts.fct_control_result"
        f" where control_id = 'R-16' and dimension = 'feed={feed}'"
    )
    assert row["status"] == "FAIL"
    assert row["left_value"] >= 1


def test_the_rate_of_the_day_before_is_used_only_if_policy_says_so(ask):
    [policy] = ask("select carry_forward_days from policy.exchange_rate where rate_type = 'M'")
    carried = ask("select 1 from intermediate.int_currency__rate where is_carried_forward")
    assert policy["carry_forward_days"] == 0
    assert carried == []
