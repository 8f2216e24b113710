"""What is claimed about a service is held against its definition and the last months."""

from datetime import date

import pytest

from dagster_project.improvement.claims import is_soft, judge, needs_review

END = date(2026, 5, 31)
CLAIM = {
    "claim_id": "WEB",
    "claim_text": "98 % arrive on the confirmed day.",
    "claimed_target": 0.98,
    "first_seen": date(2025, 1, 1),
    "last_seen": None,
}
DEFINITION = {"metric_id": "OTIF", "metric_version": 1, "valid_from": date(2020, 1, 1)}


def verdict(values, promised=0.98, definition=DEFINITION, **changes):
    return judge(CLAIM | changes, definition, values, promised, END, 3).verdict


def test_claim_of_98_percent_with_95_measured_is_stronger():
    assert verdict([0.95, 0.95, 0.95, 0.95]) == "STRONGER_THAN_DEFINED"


def test_claim_that_three_of_four_months_reached_is_supported_and_two_do_not_do():
    assert verdict([0.98, 0.99, 0.90, 0.98]) == "SUPPORTED"
    assert verdict([0.98, 0.97, 0.90, 0.98]) == "STRONGER_THAN_DEFINED"


def test_claim_above_what_the_tier_is_promised_is_stronger_however_well_it_went():
    assert verdict([1, 1, 1, 1], promised=0.95) == "STRONGER_THAN_DEFINED"


def test_claim_without_a_measured_month_is_not_measured():
    assert verdict([]) == "NOT_MEASURED"


@pytest.mark.parametrize("changes", [{"last_seen": date(2026, 5, 30)}, {"definition": None}])
def test_claim_that_is_gone_or_has_no_definition_is_expired(changes):
    assert verdict([1, 1, 1, 1], **changes) == "EXPIRED"


@pytest.mark.parametrize(
    ("text", "soft"),
    [("Up to 98 % in time.", True), ("Typically on the day.", True), ("98 % in time.", False)],
)
def test_up_to_and_typically_make_a_claim_soft(text, soft):
    assert is_soft(text) is soft


def test_soft_claim_is_judged_by_the_middle_of_the_months():
    soft = {"claim_text": "Typically 98 % in time."}
    assert verdict([0.99, 0.98, 0.90, 0.98], **soft) == "SUPPORTED"
    assert verdict([0.99, 0.97, 0.90, 0.97], **soft) == "STRONGER_THAN_DEFINED"


def test_definition_or_metric_that_changed_while_the_claim_is_read_asks_for_a_review():
    assert not needs_review(CLAIM, DEFINITION, 1)
    assert needs_review(CLAIM, DEFINITION, 2)
    assert needs_review(CLAIM, DEFINITION | {"valid_from": date(2026, 1, 1)}, 1)
