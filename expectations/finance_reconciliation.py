"""Does the build agree with the books?

Add a control here when it compares the marts with the ledger or with money converted from it.
The comparison itself is a model; this suite only decides whether a difference holds back the
release.
"""

from dagster_project.release.suites import control

TABLE = "marts.fct_control_result"
LEDGER = ("finance.gl_balance", "finance.gl_account_map")
INVOICES = ("erp.invoice", "erp.invoice_line")

EXPECTATIONS = [
    *control(
        "R-01",
        severity="CRITICAL",
        needs=(*LEDGER, *INVOICES),
        why="A margin that the ledger does not know would be discussed, not used.",
    ),
    *control(
        "R-02",
        severity="HIGH",
        needs=(*LEDGER, *INVOICES),
        needs_accounts=("DISCOUNT", "REBATE", "FREIGHT_RECOVERED"),
        why="A discount or rebate that the ledger does not know makes every price too good.",
    ),
    *control(
        "R-03",
        severity="HIGH",
        needs=(*LEDGER, *INVOICES),
        needs_accounts=("COGS",),
        why="A margin on other costs than the books have would be argued about, not used.",
    ),
    *control(
        "R-04",
        severity="HIGH",
        needs=(*LEDGER, "wms.inventory_snapshot"),
        needs_accounts=("INVENTORY",),
        why="Turns and tied-up capital are measured on this stock.",
    ),
    *control(
        "R-07",
        severity="CRITICAL",
        needs=(
            *LEDGER,
            "finance.cost_pool",
            "finance.activity",
            "finance.activity_time_std",
            "finance.resource_capacity",
        ),
        needs_accounts=("CTS_POOL",),
        why="Cost that is charged twice, or that nobody sees, makes the wrong customers look dear.",
    ),
    *control(
        "R-11",
        severity="MEDIUM",
        needs=(*LEDGER, "tms.freight_invoice"),
        needs_accounts=("FREIGHT",),
        why="Freight that was paid and never seen here makes far customers look cheap.",
    ),
    *control(
        "R-15",
        severity="HIGH",
        needs=("erp.invoice", "erp.invoice_line"),
        why="Sales to ourselves would lift a segment that no customer belongs to.",
    ),
    *control(
        "R-16",
        severity="HIGH",
        needs=("erp.fx_rate",),
        why="An amount without its rate, or with rate one, silently changes every ranking.",
    ),
]
