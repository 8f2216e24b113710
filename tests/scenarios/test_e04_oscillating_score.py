"""E04: a score that goes to and fro around the limit of a tier, 84/86/84/86, moves nobody."""

from .tiers import TierCompany, path_of


def planted(company: TierCompany) -> None:
    company.customer("C-E04", [84, 86] * 6)


def test_customer_stays_where_the_first_score_put_it(tiers):
    assert path_of(tiers, "C-E04") == [
        ("N0", "2024-07-05", "FIRST_SEEN"),
        ("S2", "2024-08-06", "FIRST_SCORE_S2"),
    ]


def test_scores_were_those_and_every_second_one_was_enough_for_the_first_tier(tiers):
    rows = tiers(
        "select cast(score as double) as score, up_streak from marts.mart_segmentation__score"
        " where entity_id = 'C-E04' order by evaluation_month"
    )
    # June is evaluated on 6 July only.
    assert [row["score"] for row in rows] == [84, 86] * 5 + [84]
    assert {row["up_streak"] for row in rows} == {0, 1}
