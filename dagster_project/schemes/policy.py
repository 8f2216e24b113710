"""The numbers and purposes that the analyses of schemes read from policy.

``seeds/policy/scheme_setting.csv`` and ``scheme_purpose.csv`` as typed values. Errors name the
file, the row and the column, because their reader is a business owner.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from dagster_project.errors import UsageError

FOLDER = "seeds/policy"
CODINGS = ("TIER", "DEMAND_CLASS_BY_VOLUME", "ZONE_BY_DROPS")
"""Ways in which a scheme gives its codes: by the engine, by demand, by place and deliveries."""
STATUSES = ("DRAFT", "ACTIVE", "RETIRED")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Settings:
    """One field per row of ``scheme_setting.csv``; units and reasons stand there."""

    demand_lag_months: int
    forecast_months: int
    volume_class_a_share: float
    volume_class_b_share: float
    drop_low_per_month: float
    drop_high_per_month: float
    outcome_window_months: int
    granularity_min_segments: int
    granularity_max_segments: int
    granularity_max_recommended: int
    smallest_customer_share: float
    smallest_revenue_share: float
    stability_draws: int
    stability_limit: float
    policies_per_segment: int
    hours_per_policy_cell: float
    hourly_rate_group: float
    setup_cost_per_segment_group: float
    alignment_quarters: int
    alignment_expiry_days: int
    alignment_min_customers: int
    alignment_low_tier_rank: int
    contact_weight_parent: float
    contact_weight_buying_group: float
    contact_weight_area: float
    exposure_largest_place: int
    exposure_pairs_kept: int
    impact_min_events: int
    answer_expiry_months: int
    answer_weight_decision_maker: float
    answer_weight_other: float
    served_tolerance_classes: int


@dataclass(frozen=True)
class PurposeRow:
    """What one scheme is for, who answers for it and who acts by its codes."""

    scheme_id: str
    purpose: str
    status: str
    owner: str | None
    consumer: str | None
    coding: str
    version: str
    needs_signoff: bool
    valid_from: date

    @property
    def finding(self) -> str | None:
        """What is missing for a scheme to be of use; None when nothing is."""
        missing = [
            name
            for name, value in (("owner", self.owner), ("consumer", self.consumer))
            if not value
        ]
        return f"no {' and no '.join(missing)}" if missing else None


def parse_settings(rows: Iterable[Row]) -> Settings:
    """Return the settings.

    Raises:
        UsageError: A setting is missing, unknown, stands there twice, or is no number of its type.
    """
    types = {each.name: each.type for each in fields(Settings)}
    found: dict[str, Any] = {}
    for row in rows:
        name = str(row["setting_name"])
        if name not in types:
            raise _wrong("scheme_setting", name, "setting_name", "no such setting", "Remove it.")
        if name in found:
            raise _wrong("scheme_setting", name, "setting_name", "stands there twice", "Keep one.")
        found[name] = _number(name, row["setting_value"], types[name] is int)
    for name in sorted(set(types) - set(found)):
        raise _wrong("scheme_setting", name, "setting_name", "expected a row", "Add it.")
    return Settings(**found)


def _number(name: str, value: Any, is_whole: bool) -> float | int:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise _wrong(
            "scheme_setting", name, "setting_value", f"{value!r} is no number", "Give a number."
        ) from None
    if number < 0 or (is_whole and number != int(number)):
        kind = "a whole number" if is_whole else "a number"
        raise _wrong(
            "scheme_setting",
            name,
            "setting_value",
            f"expected {kind} of zero or more, found {value}",
            "Correct the value.",
        )
    return int(number) if is_whole else number


def parse_purposes(rows: Iterable[Row]) -> list[PurposeRow]:
    """Return all schemes with what they are for, ordered by id.

    Raises:
        UsageError: A status or coding is unknown, a scheme stands there twice, or two active
            schemes serve one purpose.
    """
    found: list[PurposeRow] = []
    for row in rows:
        name = str(row["scheme_id"])
        for column, known in (("status", STATUSES), ("coding", CODINGS)):
            if row[column] not in known:
                raise _wrong(
                    "scheme_purpose",
                    name,
                    column,
                    f"found {row[column]!r}",
                    f"Use one of {', '.join(known)}.",
                )
        if any(one.scheme_id == name for one in found):
            raise _wrong("scheme_purpose", name, "scheme_id", "stands there twice", "Keep one.")
        found.append(
            PurposeRow(
                name,
                str(row["purpose"]),
                str(row["status"]),
                _text(row["owner"]),
                _text(row["consumer"]),
                str(row["coding"]),
                str(row["version"]),
                str(row["needs_signoff"]).lower() == "true",
                row["valid_from"],
            )
        )
    found.sort(key=lambda one: one.scheme_id)
    _one_active_each(found)
    return found


def _one_active_each(schemes: list[PurposeRow]) -> None:
    serving: dict[str, str] = {}
    for one in schemes:
        if one.status != "ACTIVE":
            continue
        if one.purpose in serving:
            raise _wrong(
                "scheme_purpose",
                one.scheme_id,
                "status",
                f"{one.purpose} is already served by {serving[one.purpose]}",
                "A customer has one code per purpose: retire one of the two.",
            )
        serving[one.purpose] = one.scheme_id


def _text(value: Any) -> str | None:
    return str(value).strip() or None if value is not None else None


def _wrong(file: str, row: str, column: str, why: str, fix: str) -> UsageError:
    return UsageError(
        "The policy of the schemes is not usable.",
        f"{FOLDER}/{file}.csv, row {row}, column {column}: {why}.",
        fix,
    )
