"""E60: one rule judges a daughter alone, another lets it follow its mother: the family rule wins.

G-E60 scores better than its mother, C-E60-MOTHER, who is Bronze. Both rules would lift it.
"""

from .tiers import TierCompany, path_of


def planted(company: TierCompany) -> None:
    company.customer("C-E60-MOTHER", [9])
    company.customer(
        "C-E60", [31], group_id="G-E60", parent_customer_id="C-E60-MOTHER", channel="E60"
    )
    rule = {
        "name": "Lifts the channel",
        "scope_filter": "channel = 'E60'",
        "metric_id": "score",
        "aggregation": "LAST",
        "operator": ">=",
        "threshold_up": "30",
        "direction": "UP",
        "target_segment": "S3",
    }
    company.rule("E60_ALONE", priority="6", **rule)
    company.rule("E60_FAMILY", priority="7", respects_parent="INHERIT", **rule)


def test_daughter_stays_where_the_mother_stands(tiers):
    assert [segment for segment, _, _ in path_of(tiers, "G-E60")] == ["N0", "S4"]


def test_text_names_the_family_and_the_rules_that_did_not_decide(tiers):
    [row] = tiers(
        "select cause, losers, reason from marts.mart_reclass_proposal"
        " where entity_id = 'G-E60' and evaluation_date = date '2024-10-06'"
    )
    assert row["cause"] == "INHERIT"
    assert row["losers"] == "E60_ALONE to S3: INHERIT; E60_FAMILY to S3: INHERIT"
    assert row["reason"] == (
        "Takes the segment of its parent, S4. The family stands above rules:"
        " E60_ALONE (INDEPENDENT), E60_FAMILY (INHERIT) did not decide."
    )
