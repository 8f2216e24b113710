"""Checks of rows against each other: bands, ranks, weights, names that must meet.

Add a check by adding a generator to ``SCHEME_CHECKS`` or ``TOGETHER``. Checks of one cell belong
in ``lint_cells.py``.
"""

from collections.abc import Callable, Iterator, Mapping

from dagster_project.schemes.lint_cells import number
from dagster_project.schemes.lint_table import Finding, PolicyRow, PolicyTable

Tables = Mapping[str, PolicyTable]

WEIGHT_TOLERANCE = 1e-6


def rule_findings(tables: Tables) -> Iterator[Finding]:
    """Yield the mistakes that show only when rows are put side by side."""
    for row in tables["segment_scheme"].rows:
        for check in SCHEME_CHECKS:
            yield from check(row, tables)
    for together in TOGETHER:
        yield from together(tables)


def tiers_of(scheme_id: str, tables: Tables) -> list[PolicyRow]:
    """The tiers of a scheme from the best to the worst; those without a rank come last."""
    rows = [row for row in tables["segment"].of(scheme_id) if row["kind"] == "TIER"]
    ranks = {row.line: number(row["tier_rank"]) for row in rows}
    return sorted(rows, key=lambda row: (ranks[row.line] is None, ranks[row.line] or 0.0, row.line))


def _weights(scheme: PolicyRow, tables: Tables) -> Iterator[Finding]:
    rows = tables["scheme_attribute"].of(scheme["scheme_id"])
    if not rows:
        yield scheme.finding(
            "NO_ATTRIBUTE",
            "scheme_id",
            "the scheme has no row in scheme_attribute.csv",
            "Add the attributes that it scores.",
        )
        return
    weights = [number(row["weight"]) for row in rows]
    total = sum(weight for weight in weights if weight is not None)
    if None not in weights and abs(total - 1.0) > WEIGHT_TOLERANCE:
        problem = f"the weights of {scheme['scheme_id']} add up to {total:g}, not 1"
        cure = f"Change the weights of the scheme by {1.0 - total:+g} in all."
        yield rows[-1].finding("WEIGHTS_NOT_ONE", "weight", problem, cure)


def _ranks(scheme: PolicyRow, tables: Tables) -> Iterator[Finding]:
    tiers = tiers_of(scheme["scheme_id"], tables)
    if len(tiers) < 2:
        yield scheme.finding(
            "TOO_FEW_TIERS",
            "scheme_id",
            "the scheme has fewer than two tiers",
            "Add rows of kind TIER to segment.csv.",
        )
    for position, row in enumerate(tiers, start=1):
        if number(row["tier_rank"]) != position:
            cure = "Number the tiers from 1, the best, without gaps."
            yield row.finding("WRONG_RANK", "tier_rank", f"expected rank {position}", cure)
    for row in tables["segment"].of(scheme["scheme_id"]):
        if row["kind"] != "TIER" and row["tier_rank"]:
            yield row.finding(
                "WRONG_RANK", "tier_rank", "only tiers have a rank", "Leave the cell empty."
            )


_SPECIAL = {"ONBOARDING": "N0", "DORMANT": "D0", "EXCLUDED": "X0"}


def _special_segments(scheme: PolicyRow, tables: Tables) -> Iterator[Finding]:
    rows = tables["segment"].of(scheme["scheme_id"])
    codes = {row["segment_code"]: row["kind"] for row in rows}
    for kind, code in _SPECIAL.items():
        if codes.get(code) != kind:
            yield scheme.finding(
                "NO_SPECIAL_SEGMENT",
                "scheme_id",
                f"the scheme has no segment {code} of kind {kind}",
                f"Add {code} to segment.csv.",
            )


def _bands(scheme: PolicyRow, tables: Tables) -> Iterator[Finding]:
    """Each tier has limits; a band is not upside down and lies below the one above it."""
    limits = {
        row["segment_code"]: row for row in tables["segment_threshold"].of(scheme["scheme_id"])
    }
    tiers = tiers_of(scheme["scheme_id"], tables)
    above: tuple[str, float] | None = None
    for tier in tiers:
        row = limits.get(tier["segment_code"])
        if row is None:
            cure = f"Add {tier['segment_code']} to segment_threshold.csv."
            yield tier.finding("NO_THRESHOLD", "segment_code", "the tier has no threshold", cure)
            continue
        is_last = tier is tiers[-1]
        up, down = number(row["threshold_up"]), number(row["threshold_down"])
        if is_last:
            if up != 0:
                cure = "Write 0: whoever reaches no other tier is in the last."
                yield row.finding(
                    "LAST_TIER_LIMIT", "threshold_up", "the last tier starts at 0", cure
                )
            down = 0.0
        elif down is None:
            cure = "Write the score below which the tier is lost."
            yield row.finding("NOT_A_NUMBER", "threshold_down", "expected a number", cure)
        elif up is not None and down > up:
            cure = f"Write a number up to {up:g}, so that a tier is not lost above where it is won."
            yield row.finding("INVERTED_BAND", "threshold_down", f"the limit is above {up:g}", cure)
        if above is not None and up is not None and up >= above[1]:
            cure = f"Stay below {above[1]:g}, where {above[0]} is lost."
            yield row.finding("OVERLAPPING_BANDS", "threshold_up", f"reaches into {above[0]}", cure)
        above = (tier["segment_code"], down) if down is not None else above


def _orders_of_limits(scheme: PolicyRow, tables: Tables) -> Iterator[Finding]:
    pairs = (
        ("winsor_low_pct", "winsor_high_pct"),
        ("onboarding_min_days", "onboarding_max_days"),
    )
    for low, high in pairs:
        a, b = number(scheme[low]), number(scheme[high])
        if a is not None and b is not None and a >= b:
            cure = f"Write a number above {a:g}, which is {low}."
            yield scheme.finding("LIMITS_SWAPPED", high, f"must be above {low}", cure)


SCHEME_CHECKS: tuple[Callable[[PolicyRow, Tables], Iterator[Finding]], ...] = (
    _weights,
    _ranks,
    _special_segments,
    _bands,
    _orders_of_limits,
)


def _one_active_per_purpose(tables: Tables) -> Iterator[Finding]:
    active = [row for row in tables["segment_scheme"].rows if row["status"] == "ACTIVE"]
    if not active:
        cure = "Make one scheme ACTIVE; without one nobody gets a segment."
        yield Finding(
            "NO_ACTIVE_SCHEME", "segment_scheme.csv", 0, "status", "no scheme is ACTIVE", cure
        )
    for position, row in enumerate(active):
        for other in active[:position]:
            if other["purpose"] == row["purpose"]:
                problem = f"{other['scheme_id']} in row {other.line} is ACTIVE for it already"
                yield row.finding("PURPOSE_TWICE", "purpose", problem, "Retire one of the two.")
            if other["record_lag_days"] != row["record_lag_days"]:
                problem = f"{other['scheme_id']} has {other['record_lag_days']}"
                cure = "Active schemes are recorded on the same day: make them equal."
                yield row.finding("RECORD_LAG_DIFFERS", "record_lag_days", problem, cure)


def _orphans(tables: Tables) -> Iterator[Finding]:
    """Rows of a scheme or segment that is not there."""
    schemes = {row["scheme_id"] for row in tables["segment_scheme"].rows}
    for name in ("segment", "segment_threshold", "scheme_attribute"):
        for row in tables[name].rows:
            if row["scheme_id"] not in schemes:
                cure = f"Write one of {', '.join(sorted(schemes))}, or add the scheme."
                yield row.finding("UNKNOWN_SCHEME", "scheme_id", "there is no such scheme", cure)
    for row in tables["segment_threshold"].rows:
        codes = [tier["segment_code"] for tier in tiers_of(row["scheme_id"], tables)]
        if row["scheme_id"] in schemes and row["segment_code"] not in codes:
            cure = f"Write one of {', '.join(codes)}, or delete the row."
            yield row.finding("UNKNOWN_TIER", "segment_code", "the scheme has no such tier", cure)


TOGETHER: tuple[Callable[[Tables], Iterator[Finding]], ...] = (_one_active_per_purpose, _orphans)
