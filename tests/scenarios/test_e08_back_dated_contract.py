"""E08: a contract that reaches back counts from its first day, but in no period that is closed.

The books are closed up to May. On 2 July the CRM tells of two contracts: one began on 3 May, sixty
days before, the other on 10 June.
"""

import datetime as dt

from .tiers import TierCompany, path_of


def planted(company: TierCompany) -> None:
    company.customer("C-E08", [15])
    company.customer("C-E08-OPEN", [17])
    company.later_contract(
        "K-E08", "C-E08", tier_floor="S2", start_date="2025-05-03", signed_date="2025-07-01"
    )
    company.later_contract("K-E08-OPEN", "C-E08-OPEN", tier_floor="S3", start_date="2025-06-10")


def test_assignment_reaches_back_to_the_first_day_that_is_not_closed(tiers):
    assert path_of(tiers, "C-E08")[-1] == ("S2", "2025-06-01", "CONTRACT_FLOOR")
    assert path_of(tiers, "C-E08-OPEN")[-1] == ("S3", "2025-06-10", "CONTRACT_FLOOR")


def test_restatement_is_told_where_a_closed_period_would_have_changed(tiers):
    rows = tiers(
        "select entity_id, is_restatement, contract_id, cast(asked_from_date as varchar) as asked"
        " from marts.mart_reclass_proposal"
        " where cause = 'CONTRACT_FLOOR' and entity_id like 'C-E08%' and is_move"
    )
    found = {row["entity_id"]: (row["is_restatement"], row["asked"]) for row in rows}
    assert found == {"C-E08": (True, "2025-05-03"), "C-E08-OPEN": (False, "2025-06-10")}


def test_closed_periods_are_untouched_and_both_beliefs_can_be_asked_for(tiers, tier_company):
    def segment(day, known):
        [row] = tiers(
            "select segment_code from marts.dim_customer_segment where entity_id = 'C-E08'"
            f" and date '{day}' >= valid_from and date '{day}' < valid_to"
            f" and timestamp '{known}' >= recorded_from and timestamp '{known}' < recorded_to"
        )
        return row["segment_code"]

    assert segment("2025-05-15", "2025-07-01") == segment("2025-05-15", "2025-07-03") == "S4"
    assert segment("2025-06-15", "2025-07-01") == "S4"
    assert segment("2025-06-15", "2025-07-03") == "S2"
    [row] = [
        row
        for row in tier_company.first["dim_customer_segment"]
        if row["entity_id"] == "C-E08" and row["is_current"]
    ]
    assert (row["segment_code"], row["valid_to"]) == ("S4", dt.date(9999, 12, 31))
