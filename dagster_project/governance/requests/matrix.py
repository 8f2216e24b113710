"""Who has to approve: rows of ``approval_matrix.csv``, and which of them fits a request.

The policy also says which segments a scheme has (``segment.csv``). Errors name file, row and column
because the reader is a business owner.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from dagster_project.access.classification import bad_cell, read_policy
from dagster_project.errors import UsageError
from dagster_project.governance.kinds import APPROVERS

ANY = "*"
DIRECTIONS = ("UP", "DOWN", "SPECIAL")
_COLUMNS = (
    *("rank", "route", "scheme_id", "direction", "min_steps", "max_steps", "min_revenue"),
    *("max_revenue", "is_emergency", "roles", "expires_after_days", "why", "contract"),
)
CONTRACTS = ("BREAKS", "KEEPS")
"""What a move can do to a contract; where nobody knows, only rows for any (`*`) fit."""
_MAY_BE_BLANK = {"min_steps", "max_steps", "min_revenue", "max_revenue"}


@dataclass(frozen=True)
class Move:
    """What a request asks for, as the matrix sees it.

    Attributes:
        direction: UP, DOWN, or SPECIAL where one of the segments is no tier.
        steps: Tiers between the segments; null where one of them is no tier.
        revenue: Of the last twelve months in group currency; null where unknown.
        breaks_contract: Whether a contract promises a better tier; null where unknown.
    """

    scheme_id: str
    direction: str
    steps: int | None
    revenue: Decimal | None
    is_emergency: bool
    breaks_contract: bool | None = None


@dataclass(frozen=True)
class Route:
    """One row of the matrix."""

    rank: int
    name: str
    scheme_id: str
    direction: str
    min_steps: int | None
    max_steps: int | None
    min_revenue: Decimal | None
    max_revenue: Decimal | None
    is_emergency: bool
    roles: tuple[str, ...]
    expires_after_days: int
    contract: str = ANY

    def fits(self, move: Move) -> bool:
        """Tell whether the row is for such a move; unknown revenue is more than any limit."""
        if self.is_emergency != move.is_emergency:
            return False
        does = {True: "BREAKS", False: "KEEPS", None: None}[move.breaks_contract]
        if self.contract not in (ANY, does):
            return False
        if self.scheme_id not in (ANY, move.scheme_id) or self.direction not in (
            ANY,
            move.direction,
        ):
            return False
        if self.min_steps is not None and (move.steps is None or move.steps < self.min_steps):
            return False
        if self.max_steps is not None and (move.steps is None or move.steps > self.max_steps):
            return False
        if move.revenue is None:
            return self.max_revenue is None
        above = self.min_revenue is None or move.revenue >= self.min_revenue
        return above and (self.max_revenue is None or move.revenue < self.max_revenue)


@dataclass(frozen=True)
class ApprovalPolicy:
    """Routes by rank, and per scheme the rank of each segment (null: no tier)."""

    routes: tuple[Route, ...]
    segments: Mapping[str, Mapping[str, int | None]]

    def move(
        self,
        scheme_id: str,
        old: str,
        new: str,
        revenue: Decimal | None,
        is_emergency: bool,
        breaks_contract: bool | None = None,
    ) -> Move:
        """Return a move between two segments of a scheme.

        Raises:
            UsageError: The scheme or a segment is unknown, or both segments are the same.
        """
        known = self.segments.get(scheme_id)
        if known is None:
            raise UsageError(
                f"There is no scheme {scheme_id}.", f"Known: {', '.join(sorted(self.segments))}."
            )
        for code in (old, new):
            if code not in known:
                raise UsageError(
                    f"The scheme {scheme_id} has no segment {code}.", f"Known: {', '.join(known)}."
                )
        if old == new:
            raise UsageError(
                f"The entity is in {old} already.",
                "A request asks for another segment.",
                "Name another segment, or leave the request out.",
            )
        ranks = known[old], known[new]
        said = (revenue, is_emergency, breaks_contract)
        if ranks[0] is None or ranks[1] is None:
            return Move(scheme_id, "SPECIAL", None, *said)
        direction = "UP" if ranks[1] < ranks[0] else "DOWN"
        return Move(scheme_id, direction, abs(ranks[1] - ranks[0]), *said)

    def route(self, move: Move) -> Route:
        """Return the first row by rank that fits.

        Raises:
            UsageError: None does; nobody could approve such a request.
        """
        for route in self.routes:
            if route.fits(move):
                return route
        raise UsageError(
            "Nobody could approve this request.",
            f"No row of approval_matrix.csv fits {move}.",
            "Add a row for such requests to seeds/policy/approval_matrix.csv.",
        )


def load_policy(policy_dir: Path) -> ApprovalPolicy:
    """Read ``approval_matrix.csv`` and ``segment.csv``.

    Raises:
        UsageError: A file is missing or a cell cannot be meant; names file, row and column.
    """
    segments: dict[str, dict[str, int | None]] = {}
    for row in read_policy(policy_dir / "segment.csv"):
        rank = int(row["tier_rank"]) if row["kind"] == "TIER" else None
        segments.setdefault(row["scheme_id"], {})[row["segment_code"]] = rank
    path = policy_dir / "approval_matrix.csv"
    routes: list[Route] = []
    for number, row in enumerate(read_policy(path), start=2):
        route = _route(path, number, row, segments)
        for name, value in (("rank", route.rank), ("route", route.name)):
            if value in {one.rank if name == "rank" else one.name for one in routes}:
                raise bad_cell(path, number, name, f"'{value}' is there twice")
        routes.append(route)
    return ApprovalPolicy(tuple(sorted(routes, key=lambda one: one.rank)), segments)


def load_promises(policy_dir: Path, scheme_id: str) -> dict[str, Decimal]:
    """Return the share of lines on time in full that each tier promises; empty without the file."""
    path = policy_dir / "tier_commercial.csv"
    rows = read_policy(path) if path.exists() else []
    found: dict[str, Decimal] = {}
    for number, row in enumerate(rows, start=2):
        share = _amount(path, number, "otif_promise", row["otif_promise"])
        if row["scheme_id"] == scheme_id and share is not None:
            found[row["segment_code"]] = share
    return found


def _route(
    path: Path, number: int, row: Mapping[str, str | None], schemes: Mapping[str, object]
) -> Route:
    cells = {name: (row.get(name) or "").strip() for name in _COLUMNS}
    cells["contract"] = cells["contract"] if "contract" in row else ANY
    for name, text in cells.items():
        if not text and name not in _MAY_BE_BLANK:
            raise bad_cell(path, number, name, "must not be blank")
    if cells["scheme_id"] != ANY and cells["scheme_id"] not in schemes:
        raise bad_cell(path, number, "scheme_id", f"must be * or one of {', '.join(schemes)}")
    if cells["direction"] not in (ANY, *DIRECTIONS):
        raise bad_cell(path, number, "direction", f"must be * or one of {', '.join(DIRECTIONS)}")
    if cells["contract"] not in (ANY, *CONTRACTS):
        raise bad_cell(path, number, "contract", f"must be * or one of {', '.join(CONTRACTS)}")
    if cells["is_emergency"] not in ("true", "false"):
        raise bad_cell(path, number, "is_emergency", "must be true or false")
    roles = tuple(cells["roles"].split())
    if set(roles) - set(APPROVERS) or len(set(roles)) < len(roles):
        allowed = ", ".join(APPROVERS)
        raise bad_cell(path, number, "roles", f"must be some of {allowed}, each once")
    rank, days, least, most = (
        _whole(path, number, name, cells[name])
        for name in ("rank", "expires_after_days", "min_steps", "max_steps")
    )
    if rank is None or days is None or days < 1:
        raise bad_cell(path, number, "expires_after_days", "must be at least 1")
    low, high = (
        _amount(path, number, name, cells[name]) for name in ("min_revenue", "max_revenue")
    )
    if least is not None and most is not None and least > most:
        raise bad_cell(path, number, "max_steps", f"must not be below min_steps, {least}")
    if low is not None and high is not None and low >= high:
        raise bad_cell(path, number, "max_revenue", f"must be above min_revenue, {low}")
    return Route(
        *(rank, cells["route"], cells["scheme_id"], cells["direction"], least, most, low, high),
        cells["is_emergency"] == "true",
        roles,
        days,
        cells["contract"],
    )


def _whole(path: Path, number: int, column: str, text: str) -> int | None:
    if text and not text.isdecimal():
        raise bad_cell(path, number, column, "must be a whole number")
    return int(text) if text else None


def _amount(path: Path, number: int, column: str, text: str) -> Decimal | None:
    try:
        amount = Decimal(text) if text else None
    except InvalidOperation:
        amount = Decimal("nan")
    if amount is not None and not amount.is_finite():
        raise bad_cell(path, number, column, "must be an amount")
    return amount
