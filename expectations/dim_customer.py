"""What must hold before ``dim_customer`` is published.

dbt has already proved keys and types. This suite asks whether the customer base as a whole is
one that the people who know it would recognise.
"""

from great_expectations import expectations as gxe

TABLE = "marts.dim_customer"

EXPECTATIONS = [
    gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="""
            select avg(case when is_excluded then 1.0 else 0.0 end) as excluded_share
            from {batch} having avg(case when is_excluded then 1.0 else 0.0 end) > 0.5
        """,
        meta={
            "name": "most_customers_are_segmented",
            "why": "More than half in X0 is an account group that was mapped wrongly.",
            "severity": "HIGH",
        },
    ),
    gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="""
            select entity_id, count(*) as customers from {batch} group by entity_id
            having count(*) > 10 and count(*) > 0.5 * (select count(*) from {batch})
        """,
        meta={
            "name": "no_group_swallows_the_base",
            "why": "A placeholder in the group column makes one entity of strangers.",
            "severity": "HIGH",
        },
    ),
    gxe.ExpectColumnValuesToNotBeNull(
        column="customer_name",
        mostly=0.95,
        meta={
            "name": "customers_have_names",
            "why": "Below that, people cannot tell which customer a row is about.",
            "severity": "MEDIUM",
        },
    ),
]
