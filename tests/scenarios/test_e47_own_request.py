"""E47: whoever asks for another tier cannot approve it; the attempt is refused and kept."""

from .tiers import TierCompany, path_of

SAID = []


def planted(company: TierCompany) -> None:
    company.customer("C-E47", [61])

    def ask(office):
        SAID.append(office.approve_own(office.request("C-E47", "S3", "S2", "2025-06-10")))

    company.on("2025-06-02 10:00", ask)


def test_attempt_is_refused_with_the_reason(tiers):
    tiers("select 1")
    assert "anna submitted" in SAID[0]


def test_attempt_is_in_the_log(tiers):
    [row] = tiers(
        "select verdict.actor, verdict.outcome, verdict.refusal"
        " from decisions.segment_request_verdict as verdict"
        " inner join decisions.segment_request as request using (request_id)"
        " where request.entity_id = 'C-E47'"
    )
    assert (row["actor"], row["outcome"]) == ("anna", "REFUSED")
    assert "anna submitted" in row["refusal"]


def test_segment_stays_what_the_rules_made_it(tiers):
    assert path_of(tiers, "C-E47")[1:] == [("S3", "2024-08-06", "FIRST_SCORE_S3")]
