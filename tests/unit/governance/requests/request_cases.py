"""A desk with a clock that a test can turn, a small approval matrix, and plain requests."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from dagster_project.governance import DecisionStore
from dagster_project.governance.requests import Act, Ask, Asker, Desk
from dagster_project.governance.requests.impact import Facts
from dagster_project.governance.requests.matrix import load_policy
from dagster_project.settings import SEEDS_DIR

POLICY = load_policy(SEEDS_DIR / "policy")
ANNA, BEN, FAY, OLA = (
    Asker("anna", "sales"),
    Asker("ben", "sales"),
    Asker("fay", "finance"),
    Asker("ola", "segment_owner"),
)
COM = Asker("cora", "committee")
CLOSED = [(date(2026, 1, 1), date(2026, 2, 1), datetime(2026, 2, 10))]


class Clock:
    """Stands still until a test turns it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 10, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **delta: float) -> None:
        self.now += timedelta(**delta)


def desk_at(
    folder: Path, clock: Clock, closed: object = CLOSED, url: str | None = None
) -> tuple[Desk, DecisionStore]:
    store = DecisionStore(url or f"sqlite:///{folder / 'decisions.db'}", clock)
    return Desk(store, POLICY, closed), store


def ask(entity: str = "E1", to: str = "S2", **said) -> Ask:
    """A request that is in order: one step up from S3, four weeks ahead."""
    given = {"effective_date": date(2026, 4, 1), "reason": "frame contract"} | said
    return Ask(entity, to, **given)


def facts(entity: str = "E1", segment: str | None = "S3", revenue: str | None = "1000") -> Facts:
    amount = None if revenue is None else Decimal(revenue)
    return Facts(entity, segment, amount, None, 2, 3, Decimal(50))


def state(desk: Desk, name: str, clock: Clock) -> str:
    (request,) = desk.log().named(name)
    return str(request.state(clock.now))


def approve(desk: Desk, name: str, who: Asker, **said):
    return desk.decide(name, Act.APPROVE, who, "agreed", **said)
