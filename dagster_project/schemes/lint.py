"""Mistakes in a segmentation policy, all at once, each with file, row, column and cure.

Reads the seeds as text, before any build. What the build refuses by itself, one error at a time,
is in ``dagster_project/segmentation/policy.py``; each check here is for a person who edits. Checks
of single cells are in ``lint_cells.py``, of rows against each other in ``lint_rules.py``, of the
rules that move customers in ``lint_moves.py``, of purposes and owners in ``ownership_checks.py``,
of the files that stand around a scheme in ``lint_around.py``, of promises in ``promise_checks.py``,
of metrics in ``dagster_project/metrics/checks.py``.
"""

from collections.abc import Iterator
from pathlib import Path

from dagster_project.metrics.checks import metric_findings
from dagster_project.schemes.lint_around import around_findings
from dagster_project.schemes.lint_cells import cell_findings
from dagster_project.schemes.lint_moves import move_findings
from dagster_project.schemes.lint_rules import rule_findings
from dagster_project.schemes.lint_table import COLUMNS, Finding, PolicyTable, read_table
from dagster_project.schemes.ownership_checks import ownership_findings
from dagster_project.schemes.promise_checks import promise_findings


def lint(folder: Path) -> list[Finding]:
    """Check a policy folder.

    Args:
        folder: Where ``segment_scheme.csv`` and the files that belong to it are.

    Returns:
        The mistakes in the order of files, rows and columns; empty when there are none.
    """
    return sorted(_findings(folder), key=lambda one: (one.file, one.row, one.column, one.check))


def _findings(folder: Path) -> Iterator[Finding]:
    yield from ownership_findings(folder)
    yield from around_findings(folder)
    yield from promise_findings(folder)
    yield from metric_findings(folder)
    tables: dict[str, PolicyTable] = {}
    for name in COLUMNS:
        path = folder / f"{name}.csv"
        if not path.is_file():
            yield Finding(
                "MISSING_FILE", path.name, 0, "", "the file is not there", "Add the file."
            )
            continue
        tables[name] = read_table(path)
        yield from tables[name].shape_findings()
    if len(tables) < len(COLUMNS) or any(table.has_wrong_shape for table in tables.values()):
        # With a file or a column missing, every other finding would be noise.
        return
    found = [*cell_findings(tables), *rule_findings(tables)]
    yield from found
    if not found:
        # Rules lean on tiers and bands; with a mistake in those, theirs would be noise.
        yield from move_findings(folder)
