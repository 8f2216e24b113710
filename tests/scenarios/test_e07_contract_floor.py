"""E07: a contract that promises a tier holds the customer there; when it ends, the score speaks.

C-E07 scores like the lowest tier; its contract promises Gold until 15 April 2025.
"""

from .tiers import TierCompany, path_of


def planted(company: TierCompany) -> None:
    company.customer("C-E07", [13])
    company.contract("K-E07", "C-E07", tier_floor="S2", end_date="2025-04-15")


def test_contract_lifts_the_customer_from_its_first_day(tiers):
    assert path_of(tiers, "C-E07")[:2] == [
        ("N0", "2024-07-05", "FIRST_SEEN"),
        ("S2", "2024-07-05", "CONTRACT_FLOOR"),
    ]
    [row] = tiers(
        "select contract_id, cause, rule_version, reason from marts.fct_segment_event"
        " where entity_id = 'C-E07' and event_seq = 2"
    )
    assert (row["contract_id"], row["cause"], row["rule_version"]) == (
        "K-E07",
        "CONTRACT_FLOOR",
        None,
    )
    assert row["reason"] == "A contract in force promises at least S2."


def test_while_it_is_in_force_every_fall_is_blocked_by_it(tiers):
    rows = tiers(
        "select blocked_by, is_move from marts.mart_reclass_proposal where entity_id = 'C-E07'"
        " and evaluation_date between date '2024-10-06' and date '2025-04-14'"
    )
    assert len(rows) == 7
    assert {(row["blocked_by"], row["is_move"]) for row in rows} == {("CONTRACT_FLOOR", False)}


def test_on_the_day_after_its_end_the_customer_is_looked_at_again(tiers):
    assert path_of(tiers, "C-E07")[2:] == [("S3", "2025-06-01", "THRESHOLD_DOWN_S2")]
    [row] = tiers(
        "select cast(recorded_at as date)::varchar as decided, evaluation_month"
        " from marts.fct_segment_event where entity_id = 'C-E07' and event_seq = 3"
    )
    # Thirty days of notice, then the next fiscal period: decided in April, in force in June.
    assert row == {"decided": "2025-04-15", "evaluation_month": None}
