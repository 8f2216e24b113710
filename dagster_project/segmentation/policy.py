"""The segmentation policy: the seeds as typed objects, refused when they contradict themselves.

Add a field when a number of the rules becomes a policy decision. Errors name the file, the row and
the column, because the reader of the error is a business owner.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dagster_project.errors import UsageError
from dagster_project.segmentation.attributes import ATTRIBUTES
from dagster_project.segmentation.scores import UNIT, AttributeRule, NullPolicy

ONBOARDING, DORMANT, EXCLUDED = "N0", "D0", "X0"


@dataclass(frozen=True)
class Move:
    """What a move in one direction needs."""

    consecutive: int
    dwell_days: int
    notice_days: int
    freeze_months: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Tier:
    """A tier and its hysteresis band, in ten-thousandths of a point."""

    code: str
    up: int
    down: int


@dataclass(frozen=True)
class Scheme:
    """One segmentation scheme; tiers run from the best to the worst."""

    scheme_id: str
    tiers: tuple[Tier, ...]
    attributes: tuple[AttributeRule, ...]
    up: Move
    down: Move
    window_months: int = 12
    record_lag_days: int = 5
    winsor_low_pct: float = 1.0
    winsor_high_pct: float = 99.0
    onboarding_min_orders: int = 3
    onboarding_min_days: int = 90
    onboarding_max_days: int = 180
    onboarding_expiry_cap: str = "S2"
    dormant_min_days: int = 180
    dormant_interval_quantile_pct: float = 90.0
    dormant_interval_multiple: float = 3.0
    reactivation_cap: str = "S3"
    reactivation_cap_days: int = 90

    def tier_index(self, code: str) -> int:
        return [tier.code for tier in self.tiers].index(code)

    @property
    def codes(self) -> tuple[str, ...]:
        """Segment codes by the numbers that the engine uses for them."""
        return (*(tier.code for tier in self.tiers), ONBOARDING, DORMANT, EXCLUDED)


Row = Mapping[str, Any]

_WHOLE = [
    "window_months",
    "record_lag_days",
    "onboarding_min_orders",
    "onboarding_min_days",
    "onboarding_max_days",
    "dormant_min_days",
    "reactivation_cap_days",
]
_PART = [
    "winsor_low_pct",
    "winsor_high_pct",
    "dormant_interval_quantile_pct",
    "dormant_interval_multiple",
]
_TEXT = ["onboarding_expiry_cap", "reactivation_cap"]


def _wrong(file: str, row: Row, column: str, why: str) -> UsageError:
    key = row.get("segment_code") or row.get("attribute_id") or row.get("scheme_id")
    return UsageError(
        "The segmentation policy is not usable.",
        f"seeds/policy/{file}.csv, row {key}, column {column}: {why}, found {row.get(column)!r}.",
        "Correct the row and build again.",
    )


def _number(file: str, row: Row, column: str) -> float:
    try:
        return float(row[column])
    except (KeyError, TypeError, ValueError) as error:
        raise _wrong(file, row, column, "expected a number") from error


def _move(row: Row, direction: str) -> Move:
    text = str(row.get(f"{direction}_freeze_months") or "")
    consecutive, dwell_days, notice_days = (
        int(_number("segment_scheme", row, f"{direction}_{part}"))
        for part in ("consecutive", "dwell_days", "notice_days")
    )
    freeze_months = frozenset(int(month) for month in text.split("|") if month.strip())
    return Move(consecutive, dwell_days, notice_days, freeze_months)


def _tiers(scheme_id: str, segments: Iterable[Row], thresholds: Iterable[Row]) -> tuple[Tier, ...]:
    limits = {row["segment_code"]: row for row in thresholds if row["scheme_id"] == scheme_id}
    ranked = sorted(
        (row for row in segments if row["scheme_id"] == scheme_id and row["kind"] == "TIER"),
        key=lambda row: _number("segment", row, "tier_rank"),
    )
    tiers: list[Tier] = []
    for row in ranked:
        limit = limits.get(row["segment_code"], {"segment_code": row["segment_code"]})
        is_last = row is ranked[-1]
        up = 0.0 if is_last else _number("segment_threshold", limit, "threshold_up")
        down = 0.0 if is_last else _number("segment_threshold", limit, "threshold_down")
        if down > up:
            raise _wrong("segment_threshold", limit, "threshold_down", f"must not exceed {up:g}")
        if tiers and round(up * UNIT) >= tiers[-1].down:
            raise _wrong(
                "segment_threshold",
                limit,
                "threshold_up",
                f"must stay below threshold_down of {tiers[-1].code}",
            )
        tiers.append(Tier(str(row["segment_code"]), round(up * UNIT), round(down * UNIT)))
    return tuple(tiers)


def _attributes(scheme_id: str, rows: Iterable[Row]) -> tuple[AttributeRule, ...]:
    found = []
    for row in rows:
        if row["scheme_id"] != scheme_id:
            continue
        if row["attribute_id"] not in ATTRIBUTES:
            known = ", ".join(sorted(ATTRIBUTES))
            raise _wrong("scheme_attribute", row, "attribute_id", f"expected one of {known}")
        weight = _number("scheme_attribute", row, "weight")
        if weight <= 0:
            raise _wrong("scheme_attribute", row, "weight", "expected more than zero")
        if row["direction"] not in ("HIGHER", "LOWER"):
            raise _wrong("scheme_attribute", row, "direction", "expected HIGHER or LOWER")
        if row["null_policy"] not in list(NullPolicy):
            known = ", ".join(NullPolicy)
            raise _wrong("scheme_attribute", row, "null_policy", f"expected one of {known}")
        found.append(
            AttributeRule(
                attribute_id=str(row["attribute_id"]),
                weight=weight,
                higher_is_better=row["direction"] == "HIGHER",
                null_policy=NullPolicy(row["null_policy"]),
                label=str(row.get("label") or row["attribute_id"]),
                unit=str(row.get("unit") or ""),
            )
        )
    return tuple(sorted(found, key=lambda rule: rule.attribute_id))


def _check_together(active: list[Row]) -> None:
    """Active schemes share the record time, and no two of them the purpose."""
    for position, row in enumerate(active):
        for other in active[:position]:
            name = other["scheme_id"]
            if row["purpose"] == other["purpose"]:
                raise _wrong("segment_scheme", row, "purpose", f"{name} already serves it")
            if row["record_lag_days"] != other["record_lag_days"]:
                raise _wrong("segment_scheme", row, "record_lag_days", f"must equal that of {name}")


def parse_policy(
    schemes: Iterable[Row], segments: list[Row], thresholds: list[Row], attributes: list[Row]
) -> list[Scheme]:
    """Return the active schemes, ordered by id.

    Raises:
        UsageError: A number is missing, bands overlap, or a name is unknown.
    """
    found = []
    active = [row for row in schemes if row["status"] == "ACTIVE"]
    _check_together(active)
    for row in sorted(active, key=lambda row: str(row["scheme_id"])):
        scheme_id = str(row["scheme_id"])
        tiers = _tiers(scheme_id, segments, thresholds)
        for column in _TEXT:
            if row[column] not in [tier.code for tier in tiers]:
                raise _wrong("segment_scheme", row, column, "expected a tier of the scheme")
        rules = _attributes(scheme_id, attributes)
        if not rules:
            raise _wrong("segment_scheme", row, "scheme_id", "has no row in scheme_attribute.csv")
        numbers: dict[str, Any] = {
            name: int(_number("segment_scheme", row, name)) for name in _WHOLE
        }
        numbers |= {name: _number("segment_scheme", row, name) for name in _PART}
        numbers |= {name: str(row[name]) for name in _TEXT}
        found.append(
            Scheme(scheme_id, tiers, rules, _move(row, "up"), _move(row, "down"), **numbers)
        )
    return found
