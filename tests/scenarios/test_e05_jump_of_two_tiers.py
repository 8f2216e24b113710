"""E05: a score that jumps over two tiers moves the customer one tier per evaluation.

C-E05 stands at the bottom until November and at the top from December on.
"""

from .tiers import TierCompany, path_of


def planted(company: TierCompany) -> None:
    company.customer("C-E05", [11] * 5 + [95] * 7)


def test_second_step_comes_with_a_later_evaluation(tiers):
    assert path_of(tiers, "C-E05")[1:] == [
        ("S4", "2024-08-06", "FIRST_SCORE_S4"),
        ("S3", "2025-03-01", "THRESHOLD_UP_S3"),
        ("S2", "2025-07-01", "THRESHOLD_UP_S2"),
    ]


def test_higher_tiers_were_reached_by_the_score_at_once_and_the_rules_say_why_they_waited(tiers):
    [row] = tiers(
        "select to_segment_code, losers, metric_value, threshold, held_evaluations_count, approval,"
        " cast(effective_date as varchar) as effective from marts.mart_reclass_proposal"
        " where entity_id = 'C-E05' and evaluation_date = date '2025-02-06'"
    )
    # December and January: the lowest step decides, and no rule goes further than one tier.
    assert (row["to_segment_code"], row["effective"]) == ("S3", "2025-03-01")
    assert (row["metric_value"], row["threshold"]) == (95, 35)
    assert (row["held_evaluations_count"], row["approval"]) == (2, "OWNER")
    assert "THRESHOLD_UP_S1" in row["losers"]
    [waiting] = tiers(
        "select * from marts.mart_reclass_proposal"
        " where entity_id = 'C-E05' and evaluation_date = date '2025-04-06'"
    )
    assert (waiting["is_move"], waiting["blocked_by"]) == (False, "DWELL")
