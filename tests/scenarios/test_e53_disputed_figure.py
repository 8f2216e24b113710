"""E53: two owners do not agree on a figure; both values stand until the dispute is settled."""

from decimal import Decimal

from .people import Log
from .world import World

MONTH = "2025-03-01"


def told(world: World) -> None:
    """A customer of March, so that there is a figure."""
    world.order("E53", ordered_at="2025-03-03T09:00:00Z")
    world.line("E53")


def decided(log: Log) -> None:
    log.at("2025-06-03 09:00")
    for name, month in (("D-OPEN", MONTH), ("D-SETTLED", "2025-05-01")):
        payload = {
            "dispute_id": name,
            "metric_id": "ordered_net_amount_group",
            "segment_key": "service:S3",
            "activity_month": month,
            "other_party": "owner of S2",
            "own_value": "2000",
            "other_value": "1500",
        }
        log.take("dispute", name, "ola (segment_owner)", payload)
    settled = {"dispute_id": "D-SETTLED", "settled_value": "1800"}
    log.take("dispute_settlement", "D-SETTLED", "cora (committee)", settled)


def test_the_figure_is_marked_contested_and_keeps_its_value(people):
    rows = people(
        "from marts.mart_segment_kpi_monthly where segment_key = 'service:S3'"
        f" and activity_month in ('{MONTH}', '2025-05-01') order by activity_month"
    )
    assert [row["is_contested"] for row in rows] == [True, False]
    assert rows[0]["contested_metrics"] == "ordered_net_amount_group"
    assert rows[0]["ordered_net_amount_group"] == Decimal(2000)


def test_the_dispute_holds_both_values(people):
    [row] = people("from marts.mart_dispute where is_open")
    assert (row["claimed_value"], row["other_value"]) == (2000, 1500)
    assert (row["claimed_by"], row["other_party"]) == ("ola", "owner of S2")


def test_a_settled_dispute_says_what_was_agreed_and_by_whom(people):
    [row] = people("from marts.mart_dispute where not is_open")
    assert (row["settled_value"], row["settled_by"]) == (1800, "cora")
