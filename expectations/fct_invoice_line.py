"""What must hold before ``fct_invoice_line`` is published.

The ledger judges the amounts (control R-01). This suite catches what documents and ledger can
have wrong together.
"""

from great_expectations import expectations as gxe

TABLE = "marts.fct_invoice_line"
NEEDS = ("erp.invoice", "erp.invoice_line")

EXPECTATIONS = [
    gxe.ExpectColumnSumToBeBetween(
        column="net_amount_group",
        min_value=0,
        strict_min=True,
        meta={
            "name": "revenue_is_positive",
            "why": "Credits that outweigh all invoices are a sign that was turned.",
            "severity": "HIGH",
        },
    ),
    gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="""
            with sums as (
                select sum(case when net_amount_group < 0 then net_amount_group end) as credited,
                    sum(case when net_amount_group > 0 then net_amount_group end) as invoiced
                from {batch}
            )
            select * from sums where -credited > 0.5 * coalesce(invoiced, 0)
        """,
        meta={
            "name": "credits_are_the_exception",
            "why": "Half of revenue credited back is a cancellation that was loaded twice.",
            "severity": "HIGH",
        },
    ),
    gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="""
            select sum(cogs_amount_group) as cost, sum(net_amount_group) as net from {batch}
            where cogs_amount_group is not null
            having sum(cogs_amount_group) > 2 * sum(net_amount_group)
                or sum(cogs_amount_group) < 0.02 * sum(net_amount_group)
        """,
        meta={
            "name": "margin_is_possible",
            "why": "Cost above twice or below a fiftieth of revenue is a cost per other unit.",
            "severity": "MEDIUM",
        },
    ),
]
