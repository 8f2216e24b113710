"""What must hold before ``fct_order_line`` is published.

dbt has already proved keys, types and references. This suite asks whether the order book as a
whole can be true.
"""

from great_expectations import expectations as gxe

TABLE = "marts.fct_order_line"

EXPECTATIONS = [
    gxe.ExpectColumnSumToBeBetween(
        column="net_amount_group",
        min_value=0,
        strict_min=True,
        meta={
            "name": "orders_have_value",
            "why": "Nobody sells for nothing; an order book of zero is a column that was lost.",
            "severity": "HIGH",
        },
    ),
    gxe.ExpectColumnValuesToBeBetween(
        column="net_amount",
        min_value=0,
        strict_min=True,
        mostly=0.5,
        meta={
            "name": "most_lines_have_a_price",
            "why": "Samples and free goods exist; as the majority they are a missing price.",
            "severity": "HIGH",
        },
    ),
    gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="""
            select order_id, line_no, product_id, uom, ordered_qty, net_amount_group
            from {batch}
            where (select count(*) from {batch}) >= 100
                and net_amount_group > 0.5 * (select sum(net_amount_group) from {batch})
        """,
        meta={
            "name": "no_line_outweighs_all_others",
            "why": "A lost decimal separator makes one line worth more than the rest.",
            "severity": "HIGH",
        },
    ),
    gxe.ExpectColumnValuesToNotBeInSet(
        column="segment_at_order_key",
        value_set=["-1"],
        mostly=0.95,
        meta={
            "name": "promises_have_a_segment",
            "why": "Service by segment misses every line whose segment is unknown.",
            "severity": "MEDIUM",
        },
    ),
]
