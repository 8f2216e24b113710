"""Differences are explained and controls waived from the command line."""

import pytest

from dagster_project.cli.main import run
from dagster_project.errors import EXIT_OK, EXIT_USAGE
from dagster_project.governance import DecisionStore
from dagster_project.settings import get_settings

WHO = ["--as", "anna", "--role", "finance", "--reason", "bonus of the year"]
NOT_FINANCE = ["--as", "bo", "--role", "sales_ops", "--reason", "please"]
PLACE = "company=1000|period=2026-01|line=REBATE"
CAUSE = ["--amount", "-12.50", "--cause", "timing", "--evidence", "journal 7"]


def decisions():
    return DecisionStore(get_settings().decisions_url).read()


def test_explanation_says_company_period_amount_and_cause():
    assert run(["decide", "explain-difference", "R-02", PLACE, *CAUSE, *WHO]) == EXIT_OK
    (taken,) = decisions()
    assert (taken.kind, taken.subject) == ("reconciliation_explanation", f"R-02|{PLACE}")
    assert (taken.payload["company_code"], taken.payload["fiscal_period"]) == ("1000", "2026-01")
    assert (taken.payload["amount"], taken.payload["reason_code"]) == ("-12.50", "timing")


def test_waiver_is_for_every_period_unless_told_otherwise():
    assert run(["decide", "waive", "R-01", "--until", "2026-02-15", *WHO]) == EXIT_OK
    one = ["decide", "waive", "R-01", "--until", "2026-02-15", "--period", "2026-01", *WHO]
    assert run(one) == EXIT_OK
    assert [taken.payload["fiscal_period"] for taken in decisions()] == ["*", "2026-01"]


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["waive", "R-99", "--until", "2026-02-15", *WHO], id="unknown control"),
        pytest.param(["waive", "R-01", "--until", "soon", *WHO], id="no date"),
        pytest.param(
            ["waive", "R-01", "--until", "2026-02-15", *NOT_FINANCE],
            id="not finance",
        ),
        pytest.param(
            ["waive", "R-01", "--until", "2026-02-15", *WHO[:-1], " "], id="without a reason"
        ),
        pytest.param(
            ["explain-difference", "R-13", "all", *CAUSE, *WHO], id="fault of the warehouse"
        ),
        pytest.param(
            ["explain-difference", "R-02", PLACE, "--amount", "much", *CAUSE[2:], *WHO],
            id="no amount",
        ),
        pytest.param(
            ["explain-difference", "R-02", PLACE, *CAUSE[:2], "--cause", "luck", *CAUSE[4:], *WHO],
            id="no known cause",
        ),
    ],
)
def test_decision_that_means_nothing_is_refused_and_not_kept(arguments):
    assert run(["decide", *arguments]) == EXIT_USAGE
    assert decisions() == []
