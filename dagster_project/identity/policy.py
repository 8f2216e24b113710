"""The matching policy: seeds in, thresholds and a model out.

The weights are policy and not learnt in a build: what is learnt from all records would change with
each of them, and with it every pair. `tierline identity train` learns them and writes them down.
Add a column to match by in ``COLUMNS``; its levels of agreement are in ``comparisons``.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from dagster_project.errors import UsageError
from dagster_project.identity.columns import MatchColumns
from dagster_project.identity.comparisons import splink_settings
from dagster_project.identity.model import Model
from dagster_project.identity.results import Policy

COLUMNS = MatchColumns(
    id="record_id",
    source="source_system",
    active="is_active",
    names="names_id",
    kinds={
        "name": "name",
        "street": "street",
        "city": "city",
        "postcode": "postcode",
        "country": "country",
        "phone": "phone",
        "email": "email",
        "tax_id": "tax_id",
        "vat_id": "vat_id",
        "lei": "lei",
        "gln": "gln",
        "duns": "duns",
        "registered_number": "identifier",
    },
)
"""The columns of ``int_party__record``."""

COMPARED = (*COLUMNS.kinds.values(), "house_number")
"""Kinds that a standardised party record has; the house number is taken from the street."""

SETTINGS: Mapping[str, tuple[float, float]] = {
    "auto_threshold": (0.5, 1.0),
    "review_threshold": (0.0, 1.0),
    "largest_block": (2, 10_000),
    "share_of_matches": (1e-12, 0.5),
}
"""Settings with the least and the most that they may be."""

Rows = Iterable[Mapping[str, Any]]


def parse_policy(settings: Rows, sources: Rows) -> Policy:
    """Return thresholds and permissions.

    Args:
        settings: Rows of `identity_setting`: ``setting``, ``value``.
        sources: Rows of `identity_source`: ``source_system``, ``merges_own``.

    Raises:
        UsageError: A setting is missing, unknown or out of its range; names file and row.
    """
    found = setting_values(settings)
    if found["review_threshold"] > found["auto_threshold"]:
        raise _wrong("identity_setting", "review_threshold", "it is above auto_threshold")
    return Policy(
        auto_threshold=found["auto_threshold"],
        review_threshold=found["review_threshold"],
        merge_within=sorted(row["source_system"] for row in sources if row["merges_own"]),
        max_block=int(found["largest_block"]),
    )


def setting_values(settings: Rows) -> dict[str, float]:
    """Return the settings by name; raises as ``parse_policy``."""
    found = {row["setting"]: float(row["value"]) for row in settings}
    for name in sorted(set(found) - set(SETTINGS)):
        raise _wrong("identity_setting", name, f"unknown setting, choose from {list(SETTINGS)}")
    for name, (least, most) in SETTINGS.items():
        if name not in found:
            raise _wrong("identity_setting", name, "the row is missing")
        if not least <= found[name] <= most:
            raise _wrong("identity_setting", name, f"{found[name]} is not in {least} to {most}")
    return found


def parse_model(settings: Rows, weights: Rows) -> Model:
    """Return the model that the weights describe.

    Args:
        settings: Rows of `identity_setting`.
        weights: Rows of `identity_weight`: ``comparison``, ``level`` (1 agrees best), ``m``, ``u``.

    Raises:
        UsageError: A level is missing, unknown or no probability; names file and row.
    """
    given = {(row["comparison"], int(row["level"])): row for row in weights}
    model = splink_settings(COMPARED, by_frequency=False)
    for kind, number, level in _levels(model):
        row = given.pop((kind, number), None)
        if row is None:
            raise _wrong("identity_weight", f"{kind}, level {number}", "the row is missing")
        for name in ("m", "u"):
            value = float(row[name])
            if not 0 < value < 1:
                reason = f"{name} is {value} and not between 0 and 1"
                raise _wrong("identity_weight", f"{kind}, level {number}", reason)
            level[f"{name}_probability"] = value
    for kind, number in sorted(given):
        raise _wrong("identity_weight", f"{kind}, level {number}", "there is no such level")
    prior = setting_values(settings)["share_of_matches"]
    return Model(model | {"probability_two_random_records_match": prior}, {}, is_learnt=True)


def weight_rows(model: Model) -> list[dict[str, Any]]:
    """Return the rows of `identity_weight` for a model over ``COMPARED``.

    Comparisons that the model could not learn have their starting weights; ``basis`` says which.
    """
    starting = {
        (kind, number): (level["m_probability"], level["u_probability"])
        for kind, number, level in _levels(splink_settings(COMPARED, by_frequency=False))
    }
    rows = []
    for kind, number, level in _levels(model.settings):
        weights = level["m_probability"], level["u_probability"]
        rows.append(
            {
                "comparison": kind,
                "level": number,
                "agreement": level["label_for_charts"],
                "m": f"{weights[0]:.6g}",
                "u": f"{weights[1]:.6g}",
                "basis": "starting" if weights == starting[kind, number] else "learnt",
            }
        )
    return rows


def _levels(settings: Mapping[str, Any]) -> list[tuple[str, int, dict[str, Any]]]:
    """Comparison, number from 1 and the level itself, without the one for missing values."""
    return [
        (each["output_column_name"], number, level)
        for each in settings["comparisons"]
        for number, level in enumerate(each["comparison_levels"][1:], start=1)
    ]


def _wrong(file: str, row: str, why: str) -> UsageError:
    return UsageError(
        f"The matching policy cannot be used: seeds/policy/{file}.csv, row {row}.",
        f"{why[0].upper()}{why[1:]}.",
        "Correct the row, or write the file anew with `tierline identity train`.",
    )
