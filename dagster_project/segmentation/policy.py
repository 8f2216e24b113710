"""The segmentation policy: the seeds as typed objects, refused when they contradict themselves.

Add a field when a number of the rules becomes a policy decision. Errors name the file, the row and
the column, because the reader of the error is a business owner.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dagster_project.errors import UsageError
from dagster_project.reclassification.rules import RuleSet, parse_rules
from dagster_project.reclassification.vocabulary import EXCLUDED as EXCLUDED
from dagster_project.reclassification.vocabulary import Segments
from dagster_project.segmentation.attributes import ATTRIBUTES
from dagster_project.segmentation.scores import UNIT, AttributeRule, NullPolicy

METRICS = {"score": False, "idle_days": False, "revenue": False, "margin": True, "orders": False}
"""What rules may measure, month by month, and whether it can be taken as a ratio.

``score`` in points; ``idle_days`` without an order; ``revenue`` and ``margin`` (over revenue) of
the month in group currency; ``orders`` placed in the month.
"""

SUPPLIED_EVENTS = (
    "CONTRACT_SIGNED",
    "CONTRACT_EXPIRED",
    "FIRST_ORDER",
    "DORMANT",
    "ACQUISITION",
    "MERGE",
    "SPLIT",
    "CREDIT_HOLD",
)
"""Events that the build can tell rules of."""

WHY_NOT = {
    "SLA_BREACH_SERIES": " Order lines are judged only when their segments are known.",
}
"""Why an event of the vocabulary cannot be told of."""

RULE_FILE = "seeds/policy/reclass_rule.csv"


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
    rules: tuple["Row", ...]
    window_months: int = 12
    record_lag_days: int = 5
    winsor_low_pct: float = 1.0
    winsor_high_pct: float = 99.0
    onboarding_min_orders: int = 3
    onboarding_min_days: int = 90
    onboarding_max_days: int = 180
    dormant_min_days: int = 180
    dormant_interval_quantile_pct: float = 90.0
    dormant_interval_multiple: float = 3.0
    approval_enforced: bool = False
    """Whether a move waits until the people whom its rule names have approved it."""

    @property
    def segments(self) -> Segments:
        """Its segments as the rules engine numbers them."""
        return Segments(self.scheme_id, tuple(tier.code for tier in self.tiers))

    @property
    def codes(self) -> tuple[str, ...]:
        """Segment codes by the numbers that the engine uses for them."""
        return self.segments.codes

    @cached_property
    def rule_set(self) -> RuleSet:
        """Its rules, those without thresholds of their own with the band of their tier.

        Raises:
            UsageError: A rule cannot be used; names row, column and cure.
        """
        rows = with_bands(self.rules, self.tiers)
        _check_supplied(self.scheme_id, rows)
        return parse_rules(rows, self.segments, METRICS, file=RULE_FILE)


Row = Mapping[str, Any]

_WHOLE = [
    "window_months",
    "record_lag_days",
    "onboarding_min_orders",
    "onboarding_min_days",
    "onboarding_max_days",
    "dormant_min_days",
]
_PART = [
    "winsor_low_pct",
    "winsor_high_pct",
    "dormant_interval_quantile_pct",
    "dormant_interval_multiple",
]


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


def with_bands(rows: Iterable[Row], tiers: Iterable[Tier]) -> list[Row]:
    """Return rules, those about a tier's score that name no threshold with the band of that tier.

    So a limit of a tier stands once, in ``segment_threshold.csv``; a rule may have its own.
    """
    bands = {tier.code: (str(tier.up / UNIT), str(tier.down / UNIT)) for tier in tiers}
    found: list[Row] = []
    for row in rows:
        own = [str(row.get(name) or "").strip() for name in ("threshold_up", "threshold_down")]
        band = bands.get(str(row.get("target_segment") or "").strip())
        if any(own) or band is None or str(row.get("metric_id") or "").strip() != "score":
            found.append(row)
        else:
            # A fixed target is only entered, never left by the same rule.
            down = "" if str(row.get("direction")).strip() == "TO_SPECIFIC" else band[1]
            found.append({**row, "threshold_up": band[0], "threshold_down": down})
    return found


def _check_supplied(scheme_id: str, rows: Iterable[Row]) -> None:
    """A rule that waits for an event of which nobody can tell would silently never act."""
    for line, row in enumerate(rows, start=2):
        event = str(row.get("trigger_event") or "NONE").strip()
        is_meant = row.get("scheme_id") == scheme_id and row.get("status") == "ACTIVE"
        if is_meant and event not in (*SUPPLIED_EVENTS, "NONE"):
            raise UsageError(
                "The rules are not usable.",
                f"{RULE_FILE}, row {line} ({row.get('rule_id')}), column trigger_event: the build"
                f" cannot tell of {event}.{WHY_NOT.get(event, '')}",
                f"Use one of {', '.join(SUPPLIED_EVENTS)}, or make the rule DRAFT.",
            )


def tiers_of(
    scheme_id: str, segments: Iterable[Row], thresholds: Iterable[Row]
) -> tuple[Tier, ...]:
    """Return the tiers of a scheme from the best to the worst, with their bands.

    Raises:
        UsageError: A limit is no number, or bands overlap.
    """
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
    schemes: Iterable[Row],
    segments: list[Row],
    thresholds: list[Row],
    attributes: list[Row],
    rules: list[Row],
) -> list[Scheme]:
    """Return the active schemes, ordered by id. Each argument holds the rows of one policy file.

    Raises:
        UsageError: A number is missing, bands overlap, a name is unknown, or a rule cannot be used.
    """
    found = parse_schemes(schemes, segments, thresholds, attributes, rules)
    for scheme in found:
        if not scheme.rule_set.rules:
            row = {"scheme_id": scheme.scheme_id}
            raise _wrong("segment_scheme", row, "scheme_id", "has no row in reclass_rule.csv")
    return found


def parse_schemes(
    schemes: Iterable[Row],
    segments: list[Row],
    thresholds: list[Row],
    attributes: list[Row],
    rules: list[Row],
) -> list[Scheme]:
    """Return the active schemes as ``parse_policy`` does, but leave their rules unread.

    Raises:
        UsageError: A number is missing, bands overlap, or a name is unknown.
    """
    found = []
    active = [row for row in schemes if row["status"] == "ACTIVE"]
    _check_together(active)
    for row in sorted(active, key=lambda row: str(row["scheme_id"])):
        scheme_id = str(row["scheme_id"])
        tiers = tiers_of(scheme_id, segments, thresholds)
        scored = _attributes(scheme_id, attributes)
        if not scored:
            raise _wrong("segment_scheme", row, "scheme_id", "has no row in scheme_attribute.csv")
        numbers: dict[str, Any] = {
            name: int(_number("segment_scheme", row, name)) for name in _WHOLE
        }
        numbers |= {name: _number("segment_scheme", row, name) for name in _PART}
        enforced = str(row.get("approval_enforced") or "false").strip().lower()
        if enforced not in ("true", "false"):
            raise _wrong("segment_scheme", row, "approval_enforced", "expected true or false")
        numbers["approval_enforced"] = enforced == "true"
        found.append(Scheme(scheme_id, tiers, scored, tuple(rules), **numbers))
    return found
