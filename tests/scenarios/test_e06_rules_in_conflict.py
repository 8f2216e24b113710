"""E06: when one rule lifts a customer and another lowers it, the priority decides, once.

C-E06 has been below the limit of its tier for three months when sales makes a rule for its channel.
"""

from .tiers import TierCompany, path_of


def planted(company: TierCompany) -> None:
    company.customer("C-E06", [41] * 6 + [21] * 6, channel="E06")
    company.rule(
        "MANY_ORDERS",
        name="Lifts the new channel",
        priority="55",
        scope_filter="channel = 'E06'",
        metric_id="orders",
        aggregation="LAST",
        operator=">=",
        threshold_up="1",
        direction="UP",
        target_segment="S2",
        explain_template="{value} orders in the month.",
        valid_from="2025-04-01",
        valid_to="2025-05-01",
    )


def test_rule_with_the_stronger_priority_decides(tiers):
    assert path_of(tiers, "C-E06")[1:] == [
        ("S3", "2024-08-06", "FIRST_SCORE_S3"),
        ("S2", "2025-04-06", "MANY_ORDERS"),
    ]


def test_one_proposal_names_the_winner_and_the_loser(tiers):
    [row] = tiers(
        "select * from marts.mart_reclass_proposal"
        " where entity_id = 'C-E06' and evaluation_date = date '2025-04-06'"
    )
    assert (row["rule_id"], row["rule_version"], row["to_segment_code"]) == ("MANY_ORDERS", 1, "S2")
    assert row["losers"] == "THRESHOLD_DOWN_S3 to S4: MANY_ORDERS"
    assert row["reason"] == "1 orders in the month."
