"""What an order was promised: by its contract, else by the tier in force when it was ordered."""

import pytest


def given(world):
    for name, target, unit in (("SHARE", 0.99, "ratio"), ("PERCENT", 97, "percent")):
        contract = f"EP-K-{name}"
        world.row("crm.contract", contract_id=contract, version=1, customer_id=f"C-EP-{name}")
        world.row(
            "crm.contract_sla_term",
            contract_id=contract,
            term_no=1,
            element="OTIF",
            target=target,
            unit=unit,
            basis="FIRST",
            valid_from="2025-01-01",
        )
        world.order(f"EP-{name}", contract_id=contract)
        world.line(f"EP-{name}")
    # One contract with two more elements: for everything, and a harder one for one article.
    terms = (("LEAD_TIME", 4, "working_days", None), ("LEAD_TIME", 1, "working_days", "EP-FAST"))
    terms += (("FILL_RATE", 99, "percent", None),)
    world.row("crm.contract", contract_id="EP-K-MORE", version=1, customer_id="C-EP-MORE")
    for number, (element, target, unit, article) in enumerate(terms, start=1):
        world.row(
            "crm.contract_sla_term",
            contract_id="EP-K-MORE",
            term_no=number,
            element=element,
            product_scope=article,
            target=target,
            unit=unit,
            basis="FIRST",
            valid_from="2025-01-01",
        )
    world.order("EP-SLOW", contract_id="EP-K-MORE", sold_to_customer_id="C-EP-MORE")
    world.line("EP-SLOW")
    world.order("EP-FAST", contract_id="EP-K-MORE", sold_to_customer_id="C-EP-MORE")
    world.line("EP-FAST", product_id="EP-FAST")
    world.customer("EP-SISTER", account_group="INTERCOMPANY")
    world.order("EP-NOBODY", sold_to_customer_id="EP-SISTER")
    world.line("EP-NOBODY")


@pytest.mark.parametrize(("order", "promised"), [("EP-SHARE", 0.99), ("EP-PERCENT", 0.97)])
def test_the_contract_comes_first_however_it_writes_its_target(service, order, promised):
    line = service(order)
    assert (float(line["promised_otif"]), line["promise_source"]) == (promised, "CONTRACT")


def test_without_a_contract_the_tier_of_the_order_counts(service):
    # A line of the company of test_edge_attainment.py, ordered while the customer was Silver.
    line = service("EA-K00")
    assert line["segment_at_order_key"] == "service:S3"
    assert (float(line["promised_otif"]), line["promise_source"]) == (0.92, "SEGMENT")


def test_who_is_in_no_tier_gets_what_everybody_is_promised(service):
    line = service("EP-NOBODY")
    assert (float(line["promised_otif"]), line["promise_source"]) == (0.85, "DEFAULT")


@pytest.mark.parametrize(("order", "days"), [("EP-SLOW", 4), ("EP-FAST", 1)])
def test_each_element_of_a_contract_counts_that_for_the_article_first(service, order, days):
    line = service(order)
    assert (float(line["promised_lead_time_days"]), line["lead_time_days_promise_source"]) == (
        days,
        "CONTRACT",
    )
    assert (float(line["promised_unit_fill_rate"]), line["unit_fill_rate_promise_source"]) == (
        0.99,
        "CONTRACT",
    )
    # What the contract leaves open is promised as to everybody.
    assert line["promise_source"] == line["perfect_order_promise_source"] == "DEFAULT"
