"""What must hold before ``mart_segment_kpi_monthly`` is published.

It is the table that people look at first; dbt has already proved its keys.
"""

from great_expectations import expectations as gxe

TABLE = "marts.mart_segment_kpi_monthly"

EXPECTATIONS = [
    gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="""
            select activity_month, sum(net_amount_share) as share_of_all from {batch}
            group by activity_month having abs(sum(net_amount_share) - 1) > 0.000001
        """,
        meta={
            "name": "shares_of_a_month_add_up",
            "why": "Shares that do not make a whole miss a segment or count one twice.",
            "severity": "HIGH",
        },
    ),
    gxe.ExpectColumnValuesToBeBetween(
        column="otif_first",
        min_value=0,
        max_value=1,
        meta={
            "name": "otif_is_a_share",
            "why": "A share beyond its bounds compares lines with other lines.",
            "severity": "HIGH",
        },
    ),
    gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="select * from {batch}"
        " where otif_first is null and service_null_reason is null",
        meta={
            "name": "missing_service_has_a_reason",
            "why": "An empty cell without a reason is read as zero.",
            "severity": "HIGH",
        },
    ),
    gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="""
            with months as (select distinct activity_month from {batch})
            select activity_month, previous_month from (
                select activity_month, lag(activity_month) over (order by activity_month)
                    as previous_month from months
            ) as neighbours
            where activity_month > previous_month + interval 1 month
        """,
        meta={
            "name": "no_month_is_missing",
            "why": "A month without any order is an extract that was never sent.",
            "severity": "MEDIUM",
        },
    ),
]
