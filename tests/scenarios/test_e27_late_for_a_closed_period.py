"""E27: a shipment and its invoice come forty days late, for a period that is closed.

March was closed on 10 April. Goods that left on 29 March are in the extract of 8 May for the first
time, with their invoice. The figures of March as reported stay, those as restated change, and each
late fact is listed. When the builds ran changes nothing.

E20: a credit memo of May is for an invoice of March. The ledger has it in May; the margin of March
is restated by it and says so.
"""

import datetime as dt
from decimal import Decimal

import pytest

from dagster_project.ingestion import land
from dagster_project.release.digest import schema_digests

from .deliveries import delta, month, whole
from .small_company import ask, made, settings_of
from .world import World

CUSTOMER = "C-E27"


def in_time() -> World:
    """Two orders of March; the goods of the first are known to have left, and are invoiced."""
    world = World()
    for name in ("E27-1", "E27-2"):
        world.order(name, sold_to_customer_id=CUSTOMER, ordered_at="2025-03-03T09:00:00Z")
        world.line(name, due="2025-03-31T15:00:00Z")
    world.ship("E27-S1", "E27-1", departed="2025-03-08T09:00:00Z")
    world.invoice(
        "E27-I1", {"order": "E27-1", "qty": 100, "net": 1000}, sold_to_customer_id=CUSTOMER
    )
    sold = {"order": "E27-1", "qty": 10, "net": 400, "cogs_std_amount": 300}
    world.invoice("E20-I", sold, sold_to_customer_id=CUSTOMER)
    return world


def calendar() -> World:
    world = World()
    month(world, 2025, 3, closed="2025-04-10T18:00:00Z")
    month(world, 2025, 4)
    month(world, 2025, 5)
    return world


def forty_days_late() -> World:
    world = World()
    world.ship("E27-S2", "E27-2", departed="2025-03-29T09:00:00Z", delivered=None)
    world.event("E27-S2", "DELIVERED", "2025-03-31T10:00:00Z", event_id="E27-LATE")
    world.invoice(
        "E27-I2", {"order": "E27-2", "qty": 100, "net": 700}, sold_to_customer_id=CUSTOMER
    )
    world.invoice(
        "E20-CREDIT",
        {"order": "E27-1", "qty": -1, "net": -50, "cogs_std_amount": -30},
        sold_to_customer_id=CUSTOMER,
        invoice_type="CREDIT",
        ref_invoice_id="E20-I",
        posting_date="2025-05-06",
    )
    for shared in (("erp", "product"), ("erp", "customer"), ("erp", "site")):
        world.rows.pop(shared, None)
    return world


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("deliveries")
    return [
        whole(in_time(), root, "2025-04-01T04:00:00Z"),
        whole(calendar(), root, "2025-04-30T04:00:00Z"),
        delta(forty_days_late(), root, "2025-04-01T04:00:00Z", "2025-05-08T04:00:00Z"),
    ]


@pytest.fixture(scope="module")
def before_and_after(folders, tmp_path_factory):
    """The closed period before the late delivery, and the home after an update with it."""
    settings = settings_of(tmp_path_factory.mktemp("late"), as_of="2025-05-07")
    for folder in folders[:2]:
        land(settings, from_dir=folder)
    made(settings)
    before = figures(settings)
    land(settings, from_dir=folders[2])
    assert not made(settings)
    return before, settings


def figures(settings):
    rows = ask(
        settings,
        "select metric_id, sum(as_reported_value) as reported, sum(as_restated_value) as restated"
        " from marts.mart_segment_kpi_closed where fiscal_period_id = '2025-03' group by all",
    )
    return {row["metric_id"]: (row["reported"], row["restated"]) for row in rows}


def digests(settings):
    import duckdb

    with duckdb.connect(str(settings.warehouse_path), read_only=True) as con:
        return {name: digest.sha256 for name, digest in schema_digests(con, "marts").items()}


def test_figures_as_reported_stay_and_those_as_restated_change(before_and_after):
    before, settings = before_and_after
    after = figures(settings)
    assert before["NET_REVENUE"] == (1400, 1400)
    assert after["NET_REVENUE"] == (1400, 1400 + 700 - 50)
    assert after["SHIPMENT_LINES"] == (1, 2)
    assert after["ORDER_LINES"] == before["ORDER_LINES"] == (2, 2)


def test_service_of_a_closed_month_keeps_what_was_reported_beside_what_is_known_now(
    before_and_after,
):
    # The second order was there in time, which nobody knew when March was closed.
    for cut, value in (("ALL", "*"), ("SITE", "(unknown)")):
        rows = ask(
            before_and_after[1],
            "from marts.mart_service_attainment_cut where due_month = date '2025-03-01'"
            f" and cut = '{cut}' and cut_value = '{value}'",
        )
        figures = {row["metric_id"]: (row["reported_value"], row["value"]) for row in rows}
        assert figures == dict.fromkeys(("OTIF", "IN_FULL", "ON_TIME", "UNIT_FILL_RATE"), (0.5, 1))
        assert {row["restated_lines_count"] for row in rows} == {1}


def test_each_late_fact_is_listed_with_its_period_and_how_late_it_came(before_and_after):
    rows = ask(
        before_and_after[1],
        "from marts.mart_restatement where restatement_kind = 'LATE_FACT' order by fact_type",
    )
    assert [(row["fact_type"], row["document_id"]) for row in rows] == [
        ("INVOICE_LINE", "E27-I2"),
        ("SHIPMENT_LINE", "E27-S2"),
    ]
    for row in rows:
        assert row["restatement_kind"] == "LATE_FACT"
        assert row["fiscal_period_id"] == "2025-03"
        assert row["restated_at"] == dt.datetime(2025, 5, 8, 4)
        assert row["days_after_close"] == 28
        assert row["reported_segment_key"] is None
    assert rows[0]["net_amount_group"] == Decimal(700)


def test_late_facts_are_loaded_and_flagged(before_and_after):
    rows = ask(
        before_and_after[1],
        "select invoice_id, is_late_for_closed_period as late from marts.fct_invoice_line"
        " union all select shipment_id, is_late_for_closed_period from marts.fct_shipment_line",
    )
    assert {row["invoice_id"]: row["late"] for row in rows} == {
        "E27-I1": False,
        "E27-S1": False,
        "E27-I2": True,
        "E27-S2": True,
        "E20-I": False,
        "E20-CREDIT": False,
    }


def test_a_trend_can_say_that_the_period_was_restated(before_and_after):
    rows = ask(
        before_and_after[1],
        "select distinct metric_id from marts.mart_segment_kpi_closed where is_restated",
    )
    assert {row["metric_id"] for row in rows} == {
        "NET_REVENUE",
        "GROSS_MARGIN",
        "INVOICE_LINES",
        "SHIPMENT_LINES",
    }


def test_e20_the_books_have_a_credit_memo_in_the_period_of_its_posting(before_and_after):
    rows = ask(
        before_and_after[1],
        "select fiscal_period_id, sum(net_amount_group) as net from marts.fct_customer_pnl"
        " group by all order by all",
    )
    assert [tuple(row.values()) for row in rows] == [("2025-03", 2100), ("2025-05", -50)]


def test_e20_the_margin_of_the_invoice_s_period_is_restated_by_it_and_flagged(before_and_after):
    before, settings = before_and_after
    assert before["GROSS_MARGIN"] == (100, 100)
    assert figures(settings)["GROSS_MARGIN"] == (100, 100 - 20)
    [row] = ask(
        settings,
        "select fiscal_period_id, posted_period_id, document_id, gross_margin_group"
        " from marts.mart_restatement where restatement_kind = 'CREDIT_OF_EARLIER_PERIOD'",
    )
    assert tuple(row.values()) == ("2025-03", "2025-05", "E20-CREDIT", -20)


def test_e20_it_stays_a_document_of_its_own_period(before_and_after):
    assert figures(before_and_after[1])["INVOICE_LINES"] == (2, 3)


def test_when_the_builds_ran_changes_nothing(before_and_after, folders, tmp_path):
    settings = before_and_after[1]
    at_once = settings_of(tmp_path, as_of="2025-05-07")
    for folder in reversed(folders):
        land(at_once, from_dir=folder)
    made(at_once)
    assert digests(at_once) == digests(settings)


@pytest.mark.further
def test_a_closing_that_is_told_late_is_judged_as_if_it_had_been_told_in_time(tmp_path):
    """The calendar says on 9 May only that March was closed on 10 April."""
    settings = settings_of(tmp_path, as_of="2025-05-07")
    land(settings, from_dir=whole(in_time(), tmp_path, "2025-04-01T04:00:00Z"))
    open_then = World()
    month(open_then, 2025, 3)
    land(settings, from_dir=whole(open_then, tmp_path, "2025-04-05T04:00:00Z"))
    late = forty_days_late()
    land(settings, from_dir=delta(late, tmp_path, "2025-04-01T04:00:00Z", "2025-05-08T04:00:00Z"))
    made(settings)
    assert ask(settings, "from marts.mart_restatement") == []
    land(settings, from_dir=whole(calendar(), tmp_path, "2025-05-09T04:00:00Z"))
    assert not made(settings)
    updated = digests(settings)
    assert len(ask(settings, "from marts.mart_restatement")) == 3
    made(settings, full=True)
    assert digests(settings) == updated
