"""What must hold before ``fct_shipment_line`` is published.

dbt has already proved keys and types. This suite asks whether the shipments belong to the orders
and happen in an order of time that is possible.
"""

from great_expectations import expectations as gxe

TABLE = "marts.fct_shipment_line"

EXPECTATIONS = [
    gxe.ExpectColumnValuesToNotBeInSet(
        column="order_id",
        value_set=["-2"],
        mostly=0.5,
        meta={
            "name": "most_shipments_have_an_order",
            "why": "Goods without an order exist; as the majority they are a key in another form.",
            "severity": "HIGH",
        },
    ),
    gxe.ExpectColumnValuesToBeInSet(
        column="is_clock_skewed",
        value_set=[False],
        mostly=0.95,
        meta={
            "name": "deliveries_follow_departures",
            "why": "More than a few are a time zone that was read wrongly.",
            "severity": "MEDIUM",
        },
    ),
]
