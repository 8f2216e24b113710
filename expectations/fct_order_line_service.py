"""What must hold before ``fct_order_line_service`` is published.

The rules of in full, on time and OTIF are unit tests of the model. This suite asks whether the
service of the batch as a whole can be true.
"""

from great_expectations import expectations as gxe

TABLE = "marts.fct_order_line_service"

EXPECTATIONS = [
    gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="""
            select order_id, line_no, schedule_no, due_first_at from {batch}
            where is_service_relevant and is_due_first and countable_base_qty > 0
                and is_otif_first is null and otif_null_reason is null
        """,
        meta={
            "name": "unknown_service_has_a_reason",
            "why": "A line that silently drops out of a rate flatters or blames somebody.",
            "severity": "HIGH",
        },
    ),
    gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="""
            with judged as (
                select count(*) as lines, avg(case when is_otif_first then 1.0 else 0.0 end) as otif
                from {batch} where is_service_relevant and is_otif_first is not null
            )
            select * from judged where lines >= 200 and otif < 0.01
        """,
        meta={
            "name": "something_arrives_on_time",
            "why": "A company that fails every line is a date column of the wrong meaning.",
            "severity": "HIGH",
        },
    ),
    gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="""
            with delivered as (
                select count(*) as lines, sum(case
                    when first_delivered_at < ordered_date - interval 1 day then 1 else 0
                end) as before_the_order
                from {batch} where first_delivered_at is not null
            )
            select * from delivered where before_the_order > 0.05 * lines
        """,
        meta={
            "name": "deliveries_follow_orders",
            "why": "Beyond counter sales keyed in late, this is day and month exchanged.",
            "severity": "HIGH",
        },
    ),
]
