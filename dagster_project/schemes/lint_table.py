"""A policy file as text with its line numbers, and what a finding in it looks like.

Add a file by adding its columns. What a value means belongs in the checks.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

COLUMNS: dict[str, tuple[str, ...]] = {
    "segment_scheme": (
        "scheme_id",
        "name",
        "purpose",
        "status",
        "owner",
        "window_months",
        "record_lag_days",
        "initial_load_days",
        "winsor_low_pct",
        "winsor_high_pct",
        "onboarding_min_orders",
        "onboarding_min_days",
        "onboarding_max_days",
        "dormant_min_days",
        "dormant_interval_quantile_pct",
        "dormant_interval_multiple",
    ),
    "segment": ("scheme_id", "segment_code", "kind", "tier_rank", "label", "description"),
    "segment_threshold": ("scheme_id", "segment_code", "threshold_up", "threshold_down"),
    "scheme_attribute": (
        "scheme_id",
        "attribute_id",
        "label",
        "weight",
        "direction",
        "null_policy",
        "unit",
    ),
}
"""Columns that each file must have; it may have more."""

OTHER_COLUMNS: dict[str, tuple[str, ...]] = {
    "tier_commercial": ("scheme_id", "segment_code", "otif_promise", "min_annual_value_group"),
    "scheme_purpose": (
        *("scheme_id", "purpose", "status", "owner", "consumer", "coding", "version"),
        *("needs_signoff", "valid_from"),
    ),
    "scheme_setting": ("setting_name", "setting_value", "unit", "why"),
    "segment_raci": (
        *("object_kind", "object_id", "raci", "function_code", "person_id"),
        *("valid_from", "valid_to"),
    ),
    "expectation_item": ("item_id", "label", "is_higher_harder"),
    "onboarding_tier": ("segment_code", "min_amount_group", "why"),
    "approval_matrix": (
        *("rank", "route", "scheme_id", "direction", "min_steps", "max_steps", "min_revenue"),
        *("max_revenue", "is_emergency", "roles", "expires_after_days", "why"),
    ),
}
"""Columns of the files that a folder may leave out."""

KEYS = {
    "segment_scheme": ("scheme_id",),
    "segment": ("scheme_id", "segment_code"),
    "segment_threshold": ("scheme_id", "segment_code"),
    "scheme_attribute": ("scheme_id", "attribute_id"),
    "tier_commercial": ("scheme_id", "segment_code"),
    "scheme_purpose": ("scheme_id",),
    "scheme_setting": ("setting_name",),
    "segment_raci": (
        *("object_kind", "object_id", "raci", "function_code", "person_id", "valid_from"),
    ),
    "expectation_item": ("item_id",),
    "onboarding_tier": ("segment_code",),
    "approval_matrix": ("rank",),
}


@dataclass(frozen=True)
class Finding:
    """One mistake. ``row`` is the line in the file, the header being line 1; 0 is the file."""

    check: str
    file: str
    row: int
    column: str
    problem: str
    cure: str


@dataclass(frozen=True)
class PolicyRow:
    """One row: its file, the line it ends on, and its cells without surrounding blanks."""

    file: str
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def finding(self, check: str, column: str, problem: str, cure: str) -> Finding:
        """A mistake in one of its cells; the problem is told with the value found."""
        return Finding(
            check, self.file, self.line, column, f"{problem}, found '{self[column]}'", cure
        )


@dataclass(frozen=True)
class PolicyTable:
    """A file: header, rows, and the lines whose number of cells is not that of the header."""

    name: str
    header: tuple[str, ...]
    rows: tuple[PolicyRow, ...]
    ragged: tuple[int, ...] = field(default=())

    @property
    def missing_columns(self) -> Sequence[str]:
        known = COLUMNS.get(self.name) or OTHER_COLUMNS[self.name]
        return [column for column in known if column not in self.header]

    @property
    def has_wrong_shape(self) -> bool:
        """Nothing else can be said of the file."""
        return self.is_torn or not self.rows

    @property
    def is_torn(self) -> bool:
        """A column is missing, or a row has not as many cells as the header."""
        return bool(self.missing_columns or self.ragged)

    def of(self, scheme_id: str) -> list[PolicyRow]:
        """The rows of one scheme."""
        return [row for row in self.rows if row["scheme_id"] == scheme_id]

    def shape_findings(self) -> Iterator[Finding]:
        """Missing columns, rows that are too short or too long, no row at all, keys twice."""
        file = f"{self.name}.csv"
        for column in self.missing_columns:
            known = ", ".join(COLUMNS.get(self.name) or OTHER_COLUMNS[self.name])
            yield Finding(
                "MISSING_COLUMN", file, 1, column, "the column is not there", f"Columns: {known}."
            )
        for line in self.ragged:
            problem = f"the row has not {len(self.header)} cells as the header has"
            yield Finding("RAGGED_ROW", file, line, "", problem, "Quote text that holds a comma.")
        if not self.rows and self.name in COLUMNS:
            yield Finding("EMPTY_FILE", file, 1, "", "the file has no row", "Add a row.")
        if self.is_torn:
            return
        seen: dict[tuple[str, ...], int] = {}
        for row in self.rows:
            key = tuple(row[column] for column in KEYS[self.name])
            if key in seen:
                problem = f"{' '.join(key)} is already in row {seen[key]}"
                column = KEYS[self.name][-1]
                yield row.finding("DUPLICATE_KEY", column, problem, "Delete one of the rows.")
            seen.setdefault(key, row.line)


def read_table(path: Path) -> PolicyTable:
    """Read a policy file; empty lines do not count."""
    rows: list[PolicyRow] = []
    ragged: list[int] = []
    with path.open(newline="", encoding="utf-8-sig") as handle:
        reader = csv.reader(handle)
        header = tuple(cell.strip() for cell in next(reader, []))
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                ragged.append(reader.line_num)
                continue
            values = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
            rows.append(PolicyRow(path.name, reader.line_num, values))
    return PolicyTable(path.stem, header, tuple(rows), tuple(ragged))
