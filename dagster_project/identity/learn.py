"""Learn the matching policy from records, and choose from labels where to merge without asking.

Not part of a build: what it writes are policy files, which a person looks at and commits.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from dagster_project.errors import UsageError
from dagster_project.identity.match import match
from dagster_project.identity.policy import COLUMNS, SETTINGS, weight_rows
from dagster_project.identity.results import AUTO_THRESHOLD, Policy
from dagster_project.identity.threshold import choose_threshold


@dataclass(frozen=True)
class Learnt:
    """Rows of `identity_weight`, the settings that were learnt, and what could not be learnt."""

    weights: list[dict[str, Any]]
    settings: dict[str, float]
    notes: tuple[str, ...]


def learn(records: pa.Table, policy: Policy, labels: pa.Table | None = None) -> Learnt:
    """Learn weights and prior by expectation maximisation, the threshold from labelled pairs.

    Args:
        records: Rows of ``int_party__record``.
        policy: As ``match``; its thresholds are not used.
        labels: ``left_id``, ``right_id``, ``is_match``; without them the threshold stays.

    Raises:
        UsageError: No threshold reaches a precision of 0.99 on the labelled pairs.
    """
    found = match(records, COLUMNS, policy=policy, by_frequency=False)
    settings = {"share_of_matches": found.model.prior}
    if labels is not None:
        con = duckdb.connect()
        con.register("pairs", found.pairs)
        judged = con.sql("from pairs where rule = 'model' and decision <> 'apart'").to_arrow_table()
        con.close()
        settings["auto_threshold"] = max(choose_threshold(judged, labels), AUTO_THRESHOLD)
    return Learnt(weight_rows(found.model), settings, found.model.notes)


def read_labels(path: Path) -> pa.Table:
    """Return labelled pairs of a CSV file with ``left_id``, ``right_id`` and ``is_match``.

    Raises:
        UsageError: The file is not there or has other columns.
    """
    if not path.is_file():
        raise UsageError(f"There is no file {path}.", "It should hold labelled pairs.", "Name one.")
    with duckdb.connect() as con:
        con.execute("set variable labels = $path", {"path": str(path)})
        try:
            return con.sql("""
                select left_id::varchar as left_id, right_id::varchar as right_id,
                    is_match::boolean as is_match
                from read_csv(getvariable('labels'), header = true)""").to_arrow_table()
        except duckdb.Error as error:
            raise UsageError(
                f"The labels in {path} cannot be read.",
                str(error).splitlines()[0],
                "Give a CSV file with the columns left_id, right_id and is_match (true or false).",
            ) from error


def write_policy(learnt: Learnt, folder: Path) -> list[Path]:
    """Write `identity_weight.csv`, and change what was learnt in `identity_setting.csv`.

    Raises:
        UsageError: The folder has no `identity_setting.csv`.
    """
    weights, settings = folder / "identity_weight.csv", folder / "identity_setting.csv"
    if not settings.is_file():
        raise UsageError(
            f"{folder} is no policy folder.", f"There is no {settings.name}.", "Name another one."
        )
    rows = _read(settings)
    unknown = sorted({row["setting"] for row in rows} - set(SETTINGS))
    if unknown:
        raise UsageError(
            f"Unknown setting {', '.join(unknown)}.", f"In {settings}.", "Remove the row."
        )
    for row in rows:
        if row["setting"] in learnt.settings:
            row["value"] = f"{learnt.settings[row['setting']]:.6g}"
    _write(weights, learnt.weights)
    _write(settings, rows)
    return [weights, settings]


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def _write(path: Path, rows: list[Mapping[str, Any]] | list[dict[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
