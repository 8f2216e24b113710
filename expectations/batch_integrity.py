"""Did everything arrive, once, and does every row lead somewhere?

Add a control here when it judges what was landed. What a row must look like is in its contract;
what a mart must look like is in the suite of that mart.
"""

from dagster_project.release.suites import control

TABLE = "marts.fct_control_result"

EXPECTATIONS = [
    *control(
        "R-12",
        severity="CRITICAL",
        why="A missing or doubled extract shifts every figure and looks like business.",
    ),
    *control(
        "R-13",
        severity="CRITICAL",
        why="A row that vanished between raw and mart cannot be explained to its owner.",
    ),
    *control(
        "P-01",
        severity="HIGH",
        why="Quarantined rows are orders and invoices that the marts do not contain.",
    ),
    *control(
        "P-02",
        severity="HIGH",
        why="A line of an unknown customer or product drops out of every segment.",
    ),
    *control(
        "P-03",
        severity="HIGH",
        why="A quantity in an unknown unit can be wrong by the size of a pallet.",
    ),
    *control(
        "P-04",
        severity="HIGH",
        may_lack_history=True,
        why="Half a day's orders are well-formed, agree with their manifest and are still wrong.",
    ),
    *control(
        "P-05",
        severity="HIGH",
        why="A feed that stopped makes customers look dormant.",
    ),
]
