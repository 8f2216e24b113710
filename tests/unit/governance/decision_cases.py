"""Decisions that are in order, for tests that change one thing about them."""

from dataclasses import replace
from typing import Any

from dagster_project.governance import Entry

VERDICT = Entry(
    kind="identity_verdict",
    subject="erp:C-1|crm:A-7",
    actor="anna",
    role="sales",
    reason="one contract",
    payload={"left_id": "erp:C-1", "right_id": "crm:A-7", "verdict": "same"},
)
EXPLANATION = Entry(
    kind="reconciliation_explanation",
    subject="R-02|1000|2026-01",
    actor="ben",
    role="finance",
    reason="rebate booked a month later",
    payload={
        "control_id": "R-02",
        "company_code": "1000",
        "fiscal_period": "2026-01",
        "dimension": "account=4010",
        "reason_code": "timing",
        "amount": "-120.50",
        "evidence": "journal 4711",
    },
)


def verdict(number: int, **changes: Any) -> Entry:
    """A verdict about records of its own."""
    payload = VERDICT.payload | {"right_id": f"crm:A-{number}"}
    return replace(VERDICT, subject=f"erp:C-1|crm:A-{number}", payload=payload, **changes)
