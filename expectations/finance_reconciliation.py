"""Does the build agree with the books?

Add a control here when it compares the marts with the ledger or with money converted from it.
The comparison itself is a model; this suite only decides whether a difference holds back the
release.
"""

from dagster_project.release.suites import control

TABLE = "marts.fct_control_result"

EXPECTATIONS = [
    *control(
        "R-01",
        severity="CRITICAL",
        needs=("finance.gl_balance", "finance.gl_account_map", "erp.invoice", "erp.invoice_line"),
        why="A margin that the ledger does not know would be discussed, not used.",
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
