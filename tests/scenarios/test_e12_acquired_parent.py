"""E12: on 15 May another group acquires a parent company; the ERP dates both memberships.

C-E12-09 belonged to G-OLD, together with C-E12-08, and belongs to G-NEW since. Its daughter
C-E12-04, a group of its own, follows the segment of the group in which its parent is. C-E12-07 was
all there was of G-SOLO and came to G-NEW on the same day.
"""

import datetime as dt
import shutil
from pathlib import Path

import pytest

from dagster_project.ingestion import land
from dagster_project.settings import SEEDS_DIR, Settings

from .small_company import ask, made
from .ten_customers import ten_customers
from .tiers import PLAIN_RULE, _edit
from .world import AS_OF, World

DAY = dt.date(2025, 5, 15)
NOW = {"09": "G-NEW", "08": "G-OLD", "07": "G-NEW", "00": "G-NEW", "04": "G-DAUGHTER"}
BEFORE = {"09": "G-OLD", "07": "G-SOLO"}


def company() -> World:
    world = ten_customers("E12")
    for row in world.rows["erp", "customer"]:
        number = row["customer_id"][-2:]
        row["group_id"] = NOW.get(number)
        if number == "04":
            row |= {"parent_customer_id": "C-E12-09", "channel": "E12"}
    for number, group in BEFORE.items():
        for name, first, last in ((group, "2020-01-01", DAY), (NOW[number], DAY, None)):
            world.row(
                "erp.customer_hierarchy",
                customer_id=f"C-E12-{number}",
                group_id=name,
                valid_from=first,
                valid_to=last,
            )
    return world


def follow_the_parent(policy: Path) -> Path:
    """The policy of the project and a rule that lets the channel of the daughter follow."""
    shutil.copytree(SEEDS_DIR / "policy", policy)
    rule = {
        "rule_id": "E12_FAMILY",
        "name": "Follows its parent",
        "scope_filter": "channel = 'E12'",
        "metric_id": "score",
        "aggregation": "LAST",
        "operator": ">=",
        "threshold_up": "99",
        "direction": "UP",
        "target_segment": "S1",
        "trigger_event": "ACQUISITION",
        "respects_parent": "INHERIT",
    }
    _edit(
        policy / "reclass_rule.csv",
        lambda rows: [*rows, dict.fromkeys(rows[0], "") | PLAIN_RULE | rule],
    )
    return policy


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Settings:
    root = tmp_path_factory.mktemp("family")
    company().write(root / "extracts")
    policy = follow_the_parent(root / "policy")
    settings = Settings(home=root / "home", as_of=AS_OF, group_currency="EUR", policy_dir=policy)
    land(settings, from_dir=root / "extracts")
    made(settings)
    return settings


@pytest.mark.slow
def test_orders_and_money_of_the_customer_split_on_the_day(home):
    for fact, day in (("fct_order_line", "ordered_date"), ("fct_invoice_line", "posting_date")):
        rows = ask(
            home,
            f"select {day} < date '{DAY}' as is_before, list(distinct entity_id) as entities"
            f" from marts.{fact} where customer_id = 'C-E12-09' group by 1 order by 1",
        )
        assert [row["entities"] for row in rows] == [["G-NEW"], ["G-OLD"]]


@pytest.mark.slow
def test_the_group_that_sold_it_keeps_its_past_and_no_money_is_lost_or_doubled(home):
    rows = ask(
        home,
        "select entity_id, sum(net_amount_group) as net from marts.fct_invoice_line"
        " where customer_id in ('C-E12-08', 'C-E12-09', 'C-E12-07', 'C-E12-00') group by 1",
    )
    net = {row["entity_id"]: int(row["net"]) for row in rows}
    # Eight months; May has invoices on the 5th and the 12th before the day and the 19th after it.
    assert net["G-SOLO"] == 800 * 2 * 8
    assert net["G-OLD"] == 900 * 2 * 8 + 1000 * (3 * 7 + 2)
    assert net["G-NEW"] == 100 * 8 + 1000 * 1


@pytest.mark.slow
def test_nobody_is_lost_and_nobody_is_new(home):
    events = ask(
        home,
        "select entity_id, to_segment_code from marts.fct_segment_event"
        " where to_segment_code in ('N0', 'D0') and recorded_at >= timestamp '2025-05-01'",
    )
    assert events == []
    [customer] = ask(home, "from marts.dim_customer where customer_id = 'C-E12-09'")
    assert customer["entity_id"] == "G-NEW"


@pytest.mark.slow
def test_the_group_that_is_empty_ends_on_the_day_and_keeps_its_history(home):
    rows = ask(
        home,
        "select segment_code, valid_from, reason from marts.dim_customer_segment"
        " where entity_id = 'G-SOLO' and is_latest_belief order by valid_from",
    )
    assert rows[-1]["segment_code"] == "X0"
    assert rows[-1]["valid_from"] == DAY
    assert rows[-1]["reason"] == "All its customers belong to another family since that day."
    assert rows[-2]["segment_code"] in ("S1", "S2")


@pytest.mark.slow
def test_the_daughter_follows_the_group_in_which_its_parent_is_on_the_day(home):
    [row] = ask(
        home,
        "select cause, from_segment_code, to_segment_code from marts.mart_reclass_proposal"
        f" where entity_id = 'G-DAUGHTER' and evaluation_date = date '{DAY}'",
    )
    then = ask(
        home,
        "select entity_id, segment_code from marts.dim_customer_segment where is_latest_belief"
        f" and valid_from <= date '{DAY}' and valid_to > date '{DAY}'",
    )
    segment = {one["entity_id"]: one["segment_code"] for one in then}
    assert row["cause"] == "INHERIT"
    assert row["from_segment_code"] != row["to_segment_code"] == segment["G-NEW"]
