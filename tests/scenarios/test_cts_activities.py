"""Time-driven costs through the models: what finance books is charged by minutes, or shown as idle.

In March the order desk costs 560 euro for 700 practical minutes, 0.80 a minute; the dock costs 200
dollars for 500 minutes, of which a shipment takes ten; the returns bench costs 30 and nothing came
back; the building costs 90 and is nobody's.
"""

from decimal import Decimal

import pytest

from dagster_project.ingestion import land

from .small_company import PERIOD, activity_cost, ask, built, made, sale
from .world import EXTRACTED_AT, World, write_batch

pytestmark = pytest.mark.further

RATE = Decimal("0.80")
POOLS = {
    "DESK": ("C100", "ORDER", 560, "EUR", 700),
    "DOCK": ("C200", "BATCH", 200, "USD", 500),
    "BENCH": ("C400", "BATCH", 30, "EUR", 120),
    "SITE": ("C300", "FACILITY", 90, "EUR", None),
}
BOOKED = {"C100": 560, "C200": 100, "C300": 90, "C400": 30}
"""In euro, in which the company keeps its books; a dollar is worth half of one."""
TIMES = (
    ("ENTRY", "BASE", 8),
    ("ENTRY", "MANUAL_ORDER", 4),
    ("LOAD", "BASE", 10),
    ("CHECK", "BASE", 6),
)


def company() -> World:
    """Phone orders by phone, Wire by EDI; what Wire ordered leaves from two places."""
    world = World()
    for customer, channel in (("Phone", "PHONE"), ("Wire", "EDI")):
        sale(world, customer, net=1_000, cogs_std_amount=600)
        world.rows["erp", "sales_order"][-1]["channel"] = channel
    world.ship("S-Wire-2", "O-Wire", qty=1)
    for pool, (centre, level, amount, currency, practical) in POOLS.items():
        world.row(
            "finance.cost_pool",
            pool_id=pool,
            fiscal_period_id=PERIOD,
            cost_centre=centre,
            cost_level=level,
            amount=amount,
            currency=currency,
        )
        if practical:
            world.row(
                "finance.resource_capacity",
                pool_id=pool,
                fiscal_period_id=PERIOD,
                theoretical_minutes=practical * 100 // 82,
                practical_minutes=practical,
            )
    world.row("finance.activity", activity_id="ENTRY", pool_id="DESK", driver="ORDER")
    world.row("finance.activity", activity_id="LOAD", pool_id="DOCK", driver="SHIPMENT")
    world.row("finance.activity", activity_id="CHECK", pool_id="BENCH", driver="RETURN_LINE")
    for activity, term, minutes in TIMES:
        world.row(
            "finance.activity_time_std",
            activity_id=activity,
            term=term,
            valid_from="2025-01-01",
            standard_minutes=minutes,
        )
    world.row("finance.gl_account_map", account="7100", statement_line="CTS_POOL")
    for centre, amount in BOOKED.items():
        _booked(world, centre, amount)
    world.row(
        "erp.fx_rate",
        from_currency="USD",
        to_currency="EUR",
        rate_date="2025-03-31",
        rate_type="M",
        rate="0.5",
    )
    # Of March the stated cost gives way; of February there is no pool.
    activity_cost(world, "Wire", "PICK", 77)
    activity_cost(world, "Wire", "PICK", 5, fiscal_period_id="2025-02")
    return world


def _booked(world: World, centre: str, amount: object) -> None:
    world.row(
        "finance.gl_balance",
        company_code="1000",
        fiscal_period_id=PERIOD,
        account="7100",
        cost_centre=centre,
        amount_local=amount,
        currency="EUR",
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return built(company(), tmp_path_factory.mktemp("activities"))


def red(settings) -> list[str]:
    rows = ask(
        settings,
        "select dimension from marts.fct_control_result"
        " where control_id = 'R-07' and status <> 'PASS' order by 1",
    )
    return [row["dimension"] for row in rows]


def test_an_order_by_phone_costs_the_minutes_of_the_person_who_types_it(home):
    rows = ask(
        home,
        "select entity_id, sum(activity_cost_group) as cost, min(activity_cost_basis) as basis"
        f" from marts.fct_customer_pnl where fiscal_period_id = '{PERIOD}'"
        " group by entity_id order by entity_id",
    )
    load = 10 * Decimal("0.20")  # 100 euro over 500 minutes
    assert {row["entity_id"]: row["cost"] for row in rows} == {
        "Phone": (8 + 4) * RATE + load,
        "Wire": 8 * RATE + 2 * load,
    }
    assert {row["basis"] for row in rows} == {"time equations and capacity cost rates"}


def test_a_period_without_pools_keeps_what_finance_states(home):
    [row] = ask(
        home,
        "select activity_cost_group as cost, activity_cost_basis as basis"
        " from marts.fct_customer_pnl where fiscal_period_id = '2025-02'",
    )
    assert row == {"cost": 5, "basis": "stated by finance per activity"}


def test_what_nobody_used_is_shown_and_a_building_is_nobodys(home):
    rows = {row["pool_id"]: row for row in ask(home, "from marts.mart_capacity_usage")}
    assert rows["DESK"]["used_minutes"] == 20
    assert rows["DESK"]["unused_cost_group"] == 560 - 20 * RATE
    assert rows["DOCK"]["pool_amount_group"] == 100
    assert rows["DOCK"]["unused_cost_group"] == 100 - 30 * Decimal("0.20")
    assert (rows["SITE"]["sustaining_cost_group"], rows["SITE"]["assigned_cost_group"]) == (90, 0)


def test_e56_all_of_a_pool_that_nobody_used_is_unused_capacity(home):
    [row] = ask(home, "from marts.mart_capacity_usage where pool_id = 'BENCH'")
    assert (row["pool_amount_group"], row["practical_minutes"]) == (30, 120)
    assert (row["used_minutes"], row["assigned_cost_group"]) == (0, 0)
    assert (row["unused_minutes"], row["unused_cost_group"]) == (120, 30)
    assert row["unused_by_minutes_group"] == 30
    assert (row["sustaining_cost_group"], row["null_reason"]) == (0, None)
    # No segment pays for it, and no customer.
    assert ask(home, "from marts.mart_cts_segment where pool_id = 'BENCH'") == []
    assert red(home) == []


def test_charged_idle_and_sustaining_cost_is_what_the_ledger_booked(home):
    rows = ask(
        home,
        "select dimension, left_value as ours, right_value as ledger, status"
        " from marts.fct_control_result where control_id = 'R-07' order by dimension",
    )
    assert [row["status"] for row in rows] == ["PASS"] * 5
    by_centre = {row["dimension"]: row["ours"] for row in rows}
    assert [by_centre[f"cost_centre={c}|period={PERIOD}"] for c in BOOKED] == [560, 100, 90, 30]


def test_segments_cost_what_their_customers_do(home):
    [row] = ask(
        home,
        "select sum(cost_group) as cost, sum(used_minutes) as minutes from marts.mart_cts_segment",
    )
    [pnl] = ask(home, "select sum(activity_cost_group) as cost from marts.mart_segment_pnl")
    assert row == {"cost": 20 * RATE + 6, "minutes": 50}
    assert pnl["cost"] == row["cost"] + 5


def update(settings, world: World, system: str, feed: str) -> None:
    """Land the rows of one feed as a correction of the next day, and build."""
    window = {"mode": "DELTA", "window_from": EXTRACTED_AT, "window_to": "2025-07-02T04:00:00Z"}
    rows = [row | {"_op": "U"} for row in world.rows[system, feed]]
    folder = settings.home.parent / feed
    write_batch(
        folder, system, feed, f"late-{feed}", rows, extracted_at=window["window_to"], **window
    )
    land(settings, from_dir=folder)
    assert not made(settings), "an update, not everything anew"


def test_two_cents_more_on_a_cost_centre_are_red(home):
    assert red(home) == []
    world = World()
    _booked(world, "C100", "560.02")
    update(home, world, "finance", "gl_balance")
    assert red(home) == [f"cost_centre=C100|period={PERIOD}"]


def test_an_article_that_turns_out_to_be_hazardous_was_so_when_it_left(home):
    counted = "select sum(hazmat_line_qty) as n from intermediate.int_cost__order_volume"
    ordered = "select count(*) as n from intermediate.int_order__header where has_hazmat"
    assert ask(home, counted) == ask(home, ordered) == [{"n": 0}]
    world = World()
    world.product("P-ANY", is_hazmat=True)
    update(home, world, "erp", "product")
    assert ask(home, counted) == [{"n": 3}]
    assert ask(home, ordered) == [{"n": 2}]
