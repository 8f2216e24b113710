"""What must hold before ``mart_segment_ownership`` is published.

A segment that nobody answers for is changed by whoever shouts loudest.
"""

from great_expectations import expectations as gxe

TABLE = "marts.mart_segment_ownership"

EXPECTATIONS = [
    gxe.ExpectColumnValuesToBeBetween(
        column="accountable_count",
        min_value=1,
        max_value=1,
        meta={
            "name": "exactly_one_answers",
            "why": "Nobody decides where nobody or everybody answers.",
            "severity": "HIGH",
        },
    ),
    gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="select * from {batch}"
        " where accountable_count = 1 and responsible_elsewhere_count = 0",
        meta={
            "name": "another_function_takes_part",
            "why": "A rule that one function writes alone is not kept by the others.",
            "severity": "HIGH",
        },
    ),
    gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="select * from {batch}"
        " where finding_code in ('OWNER_LEFT', 'OWNER_UNKNOWN')",
        meta={
            "name": "owners_work_here",
            "why": "Who has left approves nothing; there are five days to name another.",
            "severity": "MEDIUM",
        },
    ),
]
