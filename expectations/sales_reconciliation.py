"""Does the build agree with sales operations and the warehouse?

Add a control here when it compares orders, shipments or stock with what those who sell and ship
report. Money in the ledger belongs in ``finance_reconciliation``.
"""

from dagster_project.release.suites import control

TABLE = "marts.fct_control_result"
INVOICES = ("erp.invoice", "erp.invoice_line")

EXPECTATIONS = [
    *control(
        "R-06",
        severity="HIGH",
        needs=("sales_ops.bookings_report",),
        why="Two figures for the bookings of one customer end every talk about its segment.",
    ),
    *control(
        "R-08",
        severity="HIGH",
        needs=INVOICES,
        why="Goods that left without an invoice are revenue lost, or service that nobody paid.",
    ),
    *control(
        "R-10",
        severity="HIGH",
        needs=("wms.inventory_snapshot", "wms.inventory_movement"),
        why="Stock that comes from nowhere makes fill rates and turns a matter of luck.",
    ),
    *control(
        "R-14",
        severity="MEDIUM",
        needs=("sales_ops.commission", *INVOICES),
        why="Who is paid on other revenue than the marts show will not believe the marts.",
    ),
]
