"""Do the marts agree with each other?

Add a control here when both of its sides are ours.
"""

from dagster_project.release.suites import control

TABLE = "marts.fct_control_result"

EXPECTATIONS = [
    *control(
        "R-05",
        severity="CRITICAL",
        why="Segments that do not add up to the company hide or invent revenue.",
    ),
    *control(
        "R-09",
        severity="CRITICAL",
        why="Service is measured on quantities; they must be shipped, open or cancelled.",
    ),
    *control(
        "R-19",
        severity="CRITICAL",
        why="An entity in no segment, or in two, gets no promise or two.",
    ),
    *control(
        "R-20",
        severity="CRITICAL",
        needs=("erp.invoice", "erp.invoice_line"),
        why="A bridge that does not close, or migration that makes profit, explains nothing.",
    ),
]
