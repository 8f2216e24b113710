"""Which class of secrecy does a column of a mart have? Rows of ``data_classification.csv``.

A row names a mart and a column, or ``*`` and patterns with ``*``. Of the rows that fit a column the
most secret one holds, so that a new row can only hide more; the row ``*,*`` is the least.
"""

import csv
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from dagster_project.errors import UsageError

CLASSES = ("PUBLIC", "INTERNAL", "MARGIN", "PII")


@dataclass(frozen=True)
class Rule:
    """One row of the policy."""

    mart: str
    column: str
    classification: str

    def fits(self, mart: str, column: str) -> bool:
        return fnmatchcase(mart, self.mart) and fnmatchcase(column, self.column)

    @property
    def is_pattern_for_all(self) -> bool:
        return self.mart == "*" and self.column == "*"


@dataclass(frozen=True)
class Classification:
    """The rules of one policy."""

    rules: tuple[Rule, ...]

    def of(self, mart: str, column: str) -> str:
        """Return PUBLIC, INTERNAL, MARGIN or PII.

        Raises:
            UsageError: No row fits; a column without a class is shown to nobody.
        """
        fitting = [rule for rule in self.rules if rule.fits(mart, column)]
        named = [rule for rule in fitting if not rule.is_pattern_for_all] or fitting
        if not named:
            raise UsageError(
                f"{mart}.{column} has no classification.",
                "No row of data_classification.csv fits, not even one for every column.",
                "Add a row; without a class nobody may see the column.",
            )
        return max((rule.classification for rule in named), key=CLASSES.index)


def load_classification(policy_dir: Path) -> Classification:
    """Read ``data_classification.csv``.

    Raises:
        UsageError: A class is unknown or a cell is blank; the message names row and column.
    """
    path = policy_dir / "data_classification.csv"
    rules = []
    for number, row in enumerate(read_policy(path), start=2):
        for column in ("mart", "column_name", "why"):
            if not (row.get(column) or "").strip():
                raise bad_cell(path, number, column, "must not be blank")
        if row["classification"] not in CLASSES:
            raise bad_cell(path, number, "classification", f"must be one of {', '.join(CLASSES)}")
        rules.append(Rule(row["mart"], row["column_name"], row["classification"]))
    return Classification(tuple(rules))


def read_policy(path: Path) -> list[dict[str, str]]:
    """Return the rows of a policy file.

    Raises:
        UsageError: The file is not there.
    """
    if not path.exists():
        raise UsageError(f"{path.name} is missing.", f"Looked in {path.parent}.", "Add the file.")
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def bad_cell(path: Path, number: int, column: str, why: str) -> UsageError:
    """Name the cell of a policy file that cannot be used."""
    return UsageError(
        f"{path.name} cannot be used.",
        f"Row {number}, column {column}: {why}.",
        "Correct the row.",
    )
