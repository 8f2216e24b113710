"""What must hold before ``mart_service_attainment`` is published: what was promised and kept."""

from great_expectations import expectations as gxe

TABLE = "marts.mart_service_attainment"

EXPECTATIONS = [
    gxe.ExpectColumnValuesToBeBetween(
        column="value",
        min_value=0,
        max_value=1,
        meta={
            "name": "attainment_is_a_share",
            "why": "Above one, over-delivery makes up for customers who got nothing.",
            "severity": "HIGH",
        },
    ),
    gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="select * from {batch}"
        " where (value is null) <> (null_reason is not null)",
        meta={
            "name": "value_or_reason",
            "why": "A rate is either known or says why it is not.",
            "severity": "HIGH",
        },
    ),
    gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A="lines_count",
        column_B="judged_lines_count",
        or_equal=True,
        meta={
            "name": "judged_lines_were_due",
            "why": "More lines judged than due counts something twice.",
            "severity": "HIGH",
        },
    ),
]
