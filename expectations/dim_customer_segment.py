"""What must hold before ``dim_customer_segment`` is published.

dbt has already proved that beliefs neither overlap nor leave gaps. This suite asks whether an
account manager would believe the segments of this build.
"""

from great_expectations import expectations as gxe

TABLE = "marts.dim_customer_segment"

EXPECTATIONS = [
    gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="select * from {batch} where length(trim(reason)) = 0",
        meta={
            "name": "every_segment_has_a_reason",
            "why": "Nobody can explain to a customer what has no reason.",
            "severity": "HIGH",
        },
    ),
    gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="""
            select scheme_id, segment_code, count(*) as entities,
                sum(count(*)) over (partition by scheme_id) as tiered_entities
            from {batch} where is_current and segment_code like 'S%'
            group by scheme_id, segment_code
            qualify sum(count(*)) over (partition by scheme_id) >= 20
                and count(*) > 0.95 * sum(count(*)) over (partition by scheme_id)
        """,
        meta={
            "name": "tiers_differ",
            "why": "Everybody in one tier is a score that collapsed, not a homogeneous market.",
            "severity": "HIGH",
        },
    ),
    gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="""
            with lives as (
                select scheme_id, entity_id, min(valid_from) as born, max(valid_from) as moved
                from {batch} where is_latest_belief group by scheme_id, entity_id
            ),
            newest as (select scheme_id, max(moved) as day from lives group by scheme_id)
            select lives.scheme_id, newest.day, count(*) as entities,
                sum(case when moved = day and born < day then 1 else 0 end) as moved_entities
            from lives inner join newest on lives.scheme_id = newest.scheme_id
            group by lives.scheme_id, newest.day
            having count(*) >= 20
                and sum(case when moved = day and born < day then 1 else 0 end) > 0.5 * count(*)
        """,
        meta={
            "name": "few_move_at_once",
            "why": "Half the customers moving on one day is a policy change or a broken input.",
            "severity": "MEDIUM",
        },
    ),
]
