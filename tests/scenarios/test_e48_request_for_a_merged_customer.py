"""E48: the customer that a request is about merges into another before everyone has approved.

The request counts for nobody until who asked confirms that it is meant for the survivor, and what
was approved before is asked again.
"""

from dagster_project.governance import Entry
from dagster_project.governance.requests import Act, Asker

from .tiers import TierCompany, path_of


def planted(company: TierCompany) -> None:
    company.customer("C-E48", [53])
    company.world.customer("C-E48-OLD")
    names = []

    def ask(office):
        names.append(office.request("C-E48-OLD", "S4", "S3", "2025-06-26"))
        office.approve(names[0])

    def ask_for_more(office):
        names.append(office.request("C-E48-OLD", "S3", "S1", "2025-06-27"))
        office.desk.decide(names[1], Act.APPROVE, Asker("olga", "segment_owner"), "fine")

    def merge(office):
        pair = {"left_id": "erp:C-E48", "right_id": "erp:C-E48-OLD", "verdict": "same"}
        entry = Entry("identity_verdict", "C-E48", "dora", "data_steward", "one firm", pair)
        office.store.append(entry)

    def repoint(office):
        asker = Asker("anna", "sales")
        office.desk.decide(names[1], Act.REPOINT, asker, "merged", entity_id="C-E48")
        (request,) = office.desk.log().named(names[1])
        assert "segment_owner" in request.roles_missing
        office.approve(names[1])

    company.on("2025-06-20 10:00", ask)
    company.on("2025-06-21 10:00", ask_for_more)
    company.on("2025-06-22 10:00", merge)
    company.on("2025-06-24 10:00", repoint)


def test_survivor_moves_and_the_merged_customer_ends_with_the_merge(tiers):
    assert path_of(tiers, "C-E48")[1:] == [
        ("S3", "2024-08-06", "FIRST_SCORE_S3"),
        ("S1", "2025-06-27", "CHANGE_REQUEST"),
    ]
    assert path_of(tiers, "C-E48-OLD") == [("N0", "2025-01-01", "FIRST_SEEN")]
    [row] = tiers(
        "select max(cast(recorded_to as date)) as known_until from marts.dim_customer_segment"
        " where entity_id = 'C-E48-OLD'"
    )
    assert str(row["known_until"]) == "2025-06-23"


def test_request_that_nobody_re_pointed_counts_for_nobody(tiers):
    [row] = tiers(
        "select count(*) as events from marts.fct_segment_event"
        " where request_id in (select request_id from decisions.segment_request"
        " where entity_id = 'C-E48-OLD' and to_segment = 'S3')"
    )
    assert row["events"] == 0
