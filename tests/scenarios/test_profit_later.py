"""The profit of customers is brought up to date by fiscal period: it must equal a full rebuild.

Each change below moves something that the period, day or cost of another row depends on.
"""

import pytest

from dagster_project.ingestion import land
from dagster_project.warehouse import state

from .small_company import activity_cost, ask, made, sale, settings_of
from .world import EXTRACTED_AT, World, write_batch

pytestmark = pytest.mark.further

BEFORE, AFTER = "2025-06-30", "2025-07-01"
"""The last year begins on 1 July 2024, and a day later on 2 July 2024."""
NEXT_DAY = {"window_from": EXTRACTED_AT, "window_to": "2025-07-02T04:00:00Z"}
TABLES = (
    "marts.fct_customer_pnl",
    "marts.mart_price_waterfall",
    "marts.mart_whale_curve",
    "marts.mart_profit_quadrant",
    "marts.mart_landed_cost",
    "intermediate.int_profit__landed_average",
    "intermediate.int_profit__customer_period",
    "intermediate.int_profit__entity_year",
)


PLAIN = {"net": 100, "cogs_std_amount": 60, "qty": 10}
SALES = {
    "STAYS": "2024-06-03",
    # The first day of the last year; a day later it is before it.
    "EDGE": "2024-07-01",
    "CORRECTED": "2024-11-04",
    "REPOSTED": "2025-01-07",
    "WITHDRAWN": "2024-12-09",
    "LANDED": "2024-10-14",
    "SAMPLED": "2025-03-31",
    # These share a period with the document that comes instead of WITHDRAWN's.
    "RESOLD": "2025-04-14",
    "BESIDE": "2025-04-15",
    "QUIET": "2025-04-16",
}
"""Each customer buys once, most in a period of their own, so that nothing else makes it anew."""


def company() -> World:
    """What is known on the first day."""
    world = World()
    world.product("P-ANY", family="bolts")
    world.product("P-LANDED", family="nuts")
    world.site("DC-LANDED", site_type="DC")
    for customer, posted in SALES.items():
        product = "P-LANDED" if customer == "LANDED" else "P-ANY"
        sale(world, customer, posted, product_id=product, **PLAIN)
        if customer == "LANDED":
            world.rows["wms", "shipment"][-1]["from_site_id"] = "DC-LANDED"
    _credit(world, "EDGE", "2024-09-02", 2)
    _credit(world, "REPOSTED", "2025-05-05", 1)
    _credit(world, "LANDED", "2025-02-03", 2, product_id="P-LANDED")
    _receipt(world, "R-1", "2024-08-01", 4)
    world.product("P-BACK", family="nuts")
    _receipt(world, "R-2", "2024-08-01", 4, "P-BACK")
    _receipt(world, "R-3", "2024-12-02", 8, "P-BACK")
    world.order("O-BACK", sold_to_customer_id="STAYS")
    world.line("O-BACK", qty=60, product_id="P-BACK")
    world.order("O-GIFT", order_type="SAMPLE", sold_to_customer_id="SAMPLED")
    world.line("O-GIFT", qty=3, net_price=0, product_id="P-LANDED")
    world.ship("S-GIFT", "O-GIFT", qty=3, product_id="P-LANDED")
    world.rows["wms", "shipment"][-1]["from_site_id"] = "DC-LANDED"
    activity_cost(world, "STAYS", "PICK", 9, fiscal_period_id="2024-06")
    activity_cost(world, "STAYS", "PICK", 7, fiscal_period_id="2024-08")
    activity_cost(world, "NOBODY", "PICK", 5, fiscal_period_id="2024-08")
    return world


def _credit(world: World, customer: str, posted: str, qty: int, **line) -> None:
    """Add a credit for some of the ten pieces that the customer bought."""
    back = {"order": f"O-{customer}", "qty": -qty, "net": -10 * qty, "cogs_std_amount": -6 * qty}
    world.invoice(
        f"K-{customer}",
        back | line,
        sold_to_customer_id=customer,
        invoice_type="CREDIT",
        ref_invoice_id=f"I-{customer}",
        posting_date=posted,
    )


def _receipt(world: World, receipt: str, day: str, price: int, product: str = "P-LANDED") -> None:
    world.row("erp.purchase_order", po_id=receipt, supplier_id="V", currency="EUR")
    world.row(
        "erp.purchase_order_line",
        po_id=receipt,
        line_no=1,
        product_id=product,
        to_site_id="DC-LANDED",
        ordered_qty=100,
        uom="EA",
        unit_price=price,
    )
    world.row(
        "erp.receipt",
        receipt_id=receipt,
        po_id=receipt,
        line_no=1,
        received_at=f"{day}T08:00:00Z",
        received_qty=100,
    )


def day_after() -> World:
    """What comes a day later: late, corrected and new."""
    world = World()
    _credit(world, "CORRECTED", "2025-07-01", 5)
    world.row(
        "erp.invoice",
        invoice_id="I-REPOSTED",
        sold_to_customer_id="REPOSTED",
        invoice_type="INVOICE",
        posting_date="2024-05-06",
        net_amount=100,
    )
    # The document was another customer's.
    world.row(
        "erp.invoice",
        invoice_id="I-RESOLD",
        sold_to_customer_id="BESIDE",
        invoice_type="INVOICE",
        posting_date=SALES["RESOLD"],
        net_amount=100,
    )
    # Known late: a receipt of before the sale, so that the sale cost more than was thought.
    _receipt(world, "R-0", "2024-09-16", 8)
    # Known late as well: what left between two receipts, so less of the first is in the average.
    world.row(
        "wms.shipment",
        shipment_id="S-BACK",
        from_site_id="DC-LANDED",
        departed_at="2024-10-01T09:00:00Z",
    )
    world.row(
        "wms.shipment_line",
        shipment_id="S-BACK",
        line_no=1,
        order_id="O-BACK",
        order_line_no=1,
        schedule_no=1,
        product_id="P-BACK",
        shipped_qty=60,
        uom="EA",
    )
    # The sample is invoiced after all.
    world.invoice(
        "I-GIFT",
        {"order": "O-GIFT", "qty": 3, "net": 0, "cogs_std_amount": 30, "product_id": "P-LANDED"},
        sold_to_customer_id="SAMPLED",
        posting_date="2025-06-02",
    )
    activity_cost(world, "STAYS", "PICK", 8, fiscal_period_id="2024-08")
    activity_cost(world, "EDGE", "BAD_DEBT", 3, fiscal_period_id="2024-08")
    return world


def written(root):
    """Write the first extract; the document of WITHDRAWN is a batch of its own."""
    world = company()
    apart = {
        feed: [row for row in world.rows["erp", feed] if row["invoice_id"] == "I-WITHDRAWN"]
        for feed in ("invoice", "invoice_line")
    }
    for feed, rows in apart.items():
        world.rows["erp", feed] = [r for r in world.rows["erp", feed] if r not in rows]
    world.write(root / "first")
    window = {"window_from": "2025-06-30T04:00:00Z", "window_to": EXTRACTED_AT}
    for feed, rows in apart.items():
        extra = [row | {"_op": "I"} for row in rows]
        write_batch(root / "first", "erp", feed, f"{feed}-apart", extra, mode="DELTA", **window)
    later = day_after()
    for (system, feed), rows in later.rows.items():
        batch = [row | {"_op": "U"} for row in rows]
        write_batch(
            root / "later",
            system,
            feed,
            f"{system}-{feed}-later",
            batch,
            mode="DELTA",
            extracted_at=NEXT_DAY["window_to"],
            **NEXT_DAY,
        )
    for feed, rows in apart.items():
        # The batch is corrected: the document was another customer's and comes in another month.
        change = {"posting_date": "2025-04-07"} if feed == "invoice" else {}
        kept = [row | change | {"_op": "I", "invoice_id": "I-INSTEAD"} for row in rows]
        write_batch(
            root / "later",
            "erp",
            feed,
            f"{feed}-corrected",
            kept,
            mode="DELTA",
            extracted_at=NEXT_DAY["window_to"],
            supersedes_batch_id=f"{feed}-apart",
            **window,
        )


def contents(settings):
    return {table: ask(settings, f"select * from {table} order by all") for table in TABLES}


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    """Marts after the first day, after the update of the second, and after a full rebuild."""
    root = tmp_path_factory.mktemp("profit")
    written(root)
    settings = settings_of(root, BEFORE)
    land(settings, from_dir=root / "first")
    made(settings)
    first = contents(settings)
    settings = settings_of(root, AFTER)
    land(settings, from_dir=root / "later")
    assert not made(settings)
    touched = ask(settings, "select * from intermediate.int_touched__entity_period order by all")
    updated = contents(settings)
    assert made(settings, full=True)
    return {
        "first": first,
        "updated": updated,
        "anew": contents(settings),
        "touched": [(row["fiscal_period_id"], row["entity_id"]) for row in touched],
    }


@pytest.mark.parametrize("table", TABLES)
def test_an_update_equals_a_full_rebuild(days, table):
    assert days["updated"][table] == days["anew"][table]


def year(days, when, entity):
    rows = days[when]["intermediate.int_profit__entity_year"]
    return next((row for row in rows if row["entity_id"] == entity), None)


def periods(days, when, entity):
    rows = days[when]["marts.fct_customer_pnl"]
    return {row["fiscal_period_id"]: row for row in rows if row["entity_id"] == entity}


def test_year_is_left_by_an_invoice_and_its_credit_together(days):
    assert year(days, "first", "EDGE")["net_amount_group"] == 80
    # Only what finance states for August is left.
    assert year(days, "updated", "EDGE")["net_amount_group"] == 0
    assert year(days, "updated", "EDGE")["bad_debt_group"] == 3


def test_late_correction_lowers_the_year_and_its_own_period(days):
    assert year(days, "updated", "CORRECTED")["net_amount_group"] == 50
    found = periods(days, "updated", "CORRECTED")
    assert {key: row["net_amount_group"] for key, row in found.items()} == {
        "2024-11": 100,
        "2025-07": -50,
    }


def test_reposted_invoice_takes_its_credit_out_of_the_year(days):
    assert year(days, "first", "REPOSTED")["net_amount_group"] == 90
    assert year(days, "updated", "REPOSTED") is None
    assert set(periods(days, "first", "REPOSTED")) == {"2025-01", "2025-05"}
    assert set(periods(days, "updated", "REPOSTED")) == {"2024-05", "2025-05"}


def test_withdrawn_document_leaves_its_period(days):
    assert set(periods(days, "first", "WITHDRAWN")) == {"2024-12"}
    assert set(periods(days, "updated", "WITHDRAWN")) == {"2025-04"}


def test_receipt_known_late_costs_the_sale_and_its_credit_anew(days):
    first, updated = (periods(days, when, "LANDED") for when in ("first", "updated"))
    assert first["2024-10"]["landed_cogs_amount_group"] == 40
    # 100 at 4 and 100 at 8 on hand: 6 each.
    assert updated["2024-10"]["landed_cogs_amount_group"] == 60
    assert first["2025-02"]["landed_cogs_amount_group"] == -8
    assert updated["2025-02"]["landed_cogs_amount_group"] == -12
    sold = updated["2024-10"]
    assert sold["landed_part_cost_group"] == 60
    assert sold["cogs_basis"] == "landed cost"
    assert sold["net_to_serve_group"] == 40


def test_shipment_known_late_moves_the_average_after_it(days):
    averages = {
        when: [
            float(row["average_unit_cost_group"])
            for row in days[when]["intermediate.int_profit__landed_average"]
            if row["product_id"] == "P-BACK"
        ]
        for when in ("first", "updated")
    }
    # 100 at 4 and 100 at 8; then 40 at 4 and 100 at 8.
    assert averages == {"first": [4, 6], "updated": [4, 6.857143]}


def test_sample_costs_its_landed_cost_until_an_invoice_has_it(days):
    samples = {
        when: [
            (row["product_family"], row["fiscal_period_id"], row["sample_cost_group"])
            for row in days[when]["marts.fct_customer_pnl"]
            if row["entity_id"] == "SAMPLED" and row["sample_lines_count"]
        ]
        for when in ("first", "updated")
    }
    assert samples == {"first": [("nuts", "2025-03", 12)], "updated": []}


def test_what_finance_states_is_all_there_and_of_nobody_known_too(days):
    rows = days["updated"]["marts.fct_customer_pnl"]
    assert sum(row["activity_cost_group"] or 0 for row in rows) == 8 + 9 + 5
    assert sum(row["bad_debt_group"] or 0 for row in rows) == 3
    nobody = [row for row in rows if row["entity_id"] == "-1"]
    assert sum(row["activity_cost_group"] or 0 for row in nobody) == 5


def test_none_where_finance_states_costs_is_nothing_and_elsewhere_not_measured(days):
    stated = periods(days, "updated", "EDGE")["2024-08"]
    assert stated["activity_cost_group"] == 0
    assert stated["activity_cost_basis"] == "stated by finance per activity"
    unstated = periods(days, "updated", "CORRECTED")["2024-11"]
    assert unstated["activity_cost_group"] is None
    assert unstated["activity_cost_basis"] == "not yet measured"
    assert year(days, "updated", "CORRECTED")["activity_cost_group"] == 0


def test_only_periods_that_something_moved_in_are_made_anew(days):
    boundary, finance = {"2024-07", "2024-09"}, {"2024-08"}
    reposted, withdrawn = {"2024-05", "2025-01", "2025-05"}, {"2024-12", "2025-04"}
    recosted, sample, late = {"2024-10", "2025-02"}, {"2025-03", "2025-06"}, {"2025-07"}
    moved = boundary | finance | reposted | withdrawn | recosted | sample | late
    assert {period for period, _ in days["touched"]} == moved
    everything = {row["fiscal_period_id"] for row in days["anew"]["marts.fct_customer_pnl"]}
    assert everything - moved == {"2024-06", "2024-11"}


def test_of_a_period_only_those_are_made_anew_of_whom_something_moved(days):
    april = {entity for period, entity in days["touched"] if period == "2025-04"}
    assert april == {"WITHDRAWN", "RESOLD", "BESIDE"}


def test_a_document_of_another_customer_leaves_the_one_it_was_of(days):
    assert set(periods(days, "first", "RESOLD")) == {"2025-04"}
    assert periods(days, "updated", "RESOLD") == {}
    assert periods(days, "updated", "BESIDE")["2025-04"]["net_amount_group"] == 200


def test_an_update_that_tidies_the_work_file_gives_the_same_and_counts_from_none(
    days, tmp_path, monkeypatch
):
    written(tmp_path)
    settings = settings_of(tmp_path, BEFORE)
    land(settings, from_dir=tmp_path / "first")
    made(settings)
    settings = settings_of(tmp_path, AFTER)
    land(settings, from_dir=tmp_path / "later")
    monkeypatch.setattr(state, "UPDATES_UNTIL_TIDY", 1)
    assert not made(settings)
    assert contents(settings) == days["anew"]
    assert ask(settings, "select updates from state.build_state") == [{"updates": 0}]
