"""Does the record of decisions and of segment changes hold?

The checks are made by ``audit_control_result``. Those that people can break hold the release back:
a release on a record that does not hold would be believed and could not be proved.
"""

from great_expectations import expectations as gxe

TABLE = "marts.audit_control_result"

EXPECTATIONS = [
    gxe.ExpectTableRowCountToEqual(
        value=8,
        meta={
            "name": "every_check_was_made",
            "why": "A check that is not there is not red either.",
            "severity": "CRITICAL",
        },
    ),
    gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="select * from {batch} where check_id = 'A1' and status <> 'PASS'",
        meta={
            "name": "chain_of_decisions_holds",
            "why": "Somebody changed, removed or put in a decision; none after it can be trusted.",
            "severity": "CRITICAL",
        },
    ),
    gxe.UnexpectedRowsExpectation(
        unexpected_rows_query=(
            "select * from {batch} where check_id in ('A2', 'A3', 'A4', 'A5', 'A6', 'A7')"
            " and status = 'FAIL'"
        ),
        meta={
            "name": "record_of_segments_holds",
            "why": "An auditor would find a change that nobody may have made, or no trace of one.",
            "severity": "HIGH",
        },
    ),
]
