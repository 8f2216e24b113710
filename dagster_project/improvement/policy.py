"""``seeds/policy/improvement_setting.csv`` as typed values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from dagster_project.errors import UsageError

FILE = "seeds/policy/improvement_setting.csv"


@dataclass(frozen=True)
class Settings:
    """One field per row; units and reasons stand in the file."""

    breach_window_days: int
    agreement_excuse_months: int
    feasibility_months: int
    claim_months: int
    claim_months_met: int
    contract_renewal_days: int
    competitor_expiry_months: int
    importance_high: float
    survey_min_answers: int
    survey_min_alpha: float
    survey_max_per_year: int
    survey_max_difference: float
    perception_min_lines: int
    perception_outlier: float
    action_window_months: int
    action_months_below: int
    action_shift_points: int
    experiment_min_months: int
    proposal_months: int
    proposal_margin: float
    scorecard_min_lines: int
    feasibility_draws: int


def parse_settings(rows: Iterable[Mapping[str, Any]]) -> Settings:
    """Return the settings.

    Raises:
        UsageError: A setting is missing, unknown, stands there twice, or is no number of its type.
    """
    types = {each.name: each.type for each in fields(Settings)}
    found: dict[str, Any] = {}
    for row in rows:
        name = str(row["setting_name"])
        if name not in types:
            raise _wrong(name, "setting_name", "no such setting", "Remove it.")
        if name in found:
            raise _wrong(name, "setting_name", "stands there twice", "Keep one.")
        try:
            value = float(row["setting_value"])
        except (TypeError, ValueError):
            raise _wrong(name, "setting_value", "is no number", "Give a number.") from None
        if value < 0 or (types[name] is int and value != int(value)):
            kind = "a whole number" if types[name] is int else "a number"
            fix = f"Give {kind} of zero or more."
            raise _wrong(name, "setting_value", f"found {value:g}", fix)
        found[name] = int(value) if types[name] is int else value
    for name in sorted(set(types) - set(found)):
        raise _wrong(name, "setting_name", "expected a row", "Add it.")
    return Settings(**found)


def _wrong(row: str, column: str, why: str, fix: str) -> UsageError:
    return UsageError(
        "The settings of improvement are not usable.",
        f"{FILE}, row {row}, column {column}: {why}.",
        fix,
    )
