"""Mistakes in the rules that move customers, told like those of the other policy files.

What is a mistake is known by ``dagster_project/reclassification/lint.py``.
"""

from collections.abc import Iterator
from pathlib import Path

from dagster_project.reclassification.lint import FILE, lint
from dagster_project.schemes.lint_table import Finding, PolicyRow, read_table
from dagster_project.segmentation.policy import METRICS, Row, parse_schemes, with_bands

_OTHERS = ("segment_scheme", "segment", "segment_threshold", "scheme_attribute")


def move_findings(folder: Path) -> Iterator[Finding]:
    """Yield the mistakes in ``reclass_rule.csv``; the other files of the folder must be right."""
    path = folder / FILE
    if not path.is_file():
        yield Finding("MISSING_FILE", FILE, 0, "", "the file is not there", "Add the file.")
        return
    table = read_table(path)
    for line in table.ragged:
        problem = f"the row has not {len(table.header)} cells as the header has"
        yield Finding("RAGGED_ROW", FILE, line, "", problem, "Quote text that holds a comma.")
    if table.ragged:
        return
    rows: list[Row] = [row.cells for row in table.rows]
    others = [list[Row](row.cells for row in _rows_of(folder, name)) for name in _OTHERS]
    for scheme in parse_schemes(others[0], others[1], others[2], others[3], rows):
        for one in lint(with_bands(rows, scheme.tiers), scheme.segments, METRICS):
            line = table.rows[one.row - 2].line
            problem = f"{one.rule_id}: {one.why}"
            yield Finding(one.kind.upper(), FILE, line, one.column, problem, one.cure)


def _rows_of(folder: Path, name: str) -> tuple[PolicyRow, ...]:
    return read_table(folder / f"{name}.csv").rows
