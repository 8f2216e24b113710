"""A company in which every customer's score is known: fifty customers, one attribute, one month.

Scenarios say month by month at which score their customer stands; the others fill the places in
between. Its policy is that of the project, but the score is the percentile of a month's revenue,
a first order is history enough, the books are kept in New York, and a target changes within May.
Two builds: up to the end of June, and two days later.
"""

import csv
import shutil
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from dagster_project.governance.decisions import DecisionStore
from dagster_project.governance.requests import Act, Ask, Asker, Desk, Refused
from dagster_project.governance.requests.matrix import load_policy
from dagster_project.ingestion import land
from dagster_project.settings import SEEDS_DIR, Settings

from .small_company import ask, made
from .world import World

MONTHS = [f"2024-{m:02d}" for m in range(7, 13)] + [f"2025-{m:02d}" for m in range(1, 7)]
SIZE = 50
FIRST_DAY, SECOND_DAY = "2025-06-30", "2025-07-02"


class TierCompany:
    """Customers of scenarios with their scores, contracts, rules and decisions."""

    def __init__(self) -> None:
        self.scores: dict[str, list[int]] = {}
        self.rules: list[dict[str, str]] = []
        self.moments: list[tuple[datetime, Callable[[Office], None]]] = []
        self.world = World()
        self._close_books()

    def _close_books(self) -> None:
        """Fiscal periods are months; all before June are closed since 10 June."""
        for number, month in enumerate([*MONTHS, "2025-07", "2025-08", "2025-09"]):
            first = date.fromisoformat(f"{month}-01")
            following = (first + timedelta(days=31)).replace(day=1)
            is_closed = month < "2025-06"
            self.world.row(
                "erp.fiscal_calendar",
                calendar_id="BOOKS",
                fiscal_period_id=month,
                fiscal_year=2025 if number < 12 else 2026,
                period_no=number % 12 + 1,
                quarter_no=number % 12 // 3 + 1,
                start_date=first,
                end_date=following,
                status="CLOSED" if is_closed else "OPEN",
                closed_at="2025-06-10T18:00:00Z" if is_closed else None,
            )

    def customer(self, name: str, scores: list[int], **values: Any) -> None:
        """A customer with its score in each of the last months; before, it stands at the first."""
        self.scores[name] = [scores[0]] * (len(MONTHS) - len(scores)) + scores
        self.world.customer(name, **values)

    def contract(self, contract_id: str, customer: str, **values: Any) -> None:
        """A contract that was known from its signature on."""
        self.world.row("crm.contract", **_contract(contract_id, customer, values))

    def later_contract(self, contract_id: str, customer: str, **values: Any) -> None:
        """A contract of which the CRM tells on 2 July only."""
        row = _contract(contract_id, customer, values)
        self.world.later("next day", "crm.contract", op="I", **row)

    def rule(self, rule_id: str, **columns: str) -> None:
        """A rule beside those of the project."""
        self.rules.append({"rule_id": rule_id} | columns)

    def on(self, moment: str, decide: Callable[["Office"], None]) -> None:
        """What people decide at a moment, ``YYYY-MM-DD HH:MM`` in UTC."""
        self.moments.append((datetime.fromisoformat(moment).replace(tzinfo=UTC), decide))

    def write(self, root: Path) -> None:
        """Write policy and extracts below a folder."""
        for number, month in enumerate(MONTHS):
            for customer, revenue in self._revenue(number).items():
                _sale(self.world, customer, month, revenue)
        self.world.order("FIRST", ordered_at="2025-06-30T08:00:00Z", sold_to_customer_id="CROWD-01")
        self.world.line("FIRST")
        self.world.ship("FIRST-S", "FIRST")
        self.world.write(root / "first")
        _write_policy(root / "policy", self.rules)

    def decide(self, settings: Settings, until: str) -> None:
        """Let people decide what they decide up to the end of a day, in the order of time."""
        for moment, act in sorted(self.moments, key=lambda pair: pair[0]):
            if moment.date().isoformat() <= until:
                act(Office(settings, moment))

    def _revenue(self, number: int) -> dict[str, int]:
        """Revenue by customer: place k of fifty has the score 2k + 1; two that share, between."""
        places: dict[int, list[str]] = defaultdict(list)
        taken: set[int] = set()
        found: dict[str, int] = {}
        crowd = [f"CROWD-{k:02d}" for k in range(SIZE - len(self.scores))]
        for name, scores in sorted(self.scores.items()):
            places[scores[number]].append(name)
        for score, names in sorted(places.items()):
            # Whoever shares a score shares the places around it, with some of the crowd.
            width = len(names) if score % 2 == len(names) % 2 else len(names) + 1
            low = (score - width) // 2
            wanted = set(range(low, low + width))
            assert not wanted & taken, f"{names} at {score} are too close to others"
            taken |= wanted
            sharers = [*names, *(crowd.pop(0) for _ in range(width - len(names)))]
            found |= dict.fromkeys(sharers, 1000 * (low + 1))
        rest = [place for place in range(SIZE) if place not in taken]
        return found | {name: 1000 * (k + 1) for name, k in zip(crowd, rest, strict=True)}


class Office:
    """The desk of the company at one moment."""

    def __init__(self, settings: Settings, moment: datetime) -> None:
        self.store = DecisionStore(settings.decisions_url, clock=lambda: moment)
        self.desk = Desk(self.store, load_policy(settings.policy_dir), [])

    def request(self, entity: str, before: str, after: str, day: str, **values: Any) -> str:
        """Anna of sales asks for another segment; returns the request."""
        first = date.fromisoformat(day)
        ask = Ask(
            entity,
            after,
            first,
            "as agreed",
            from_segment=before,
            key=f"{entity} {after}",
            **values,
        )
        return self.desk.submit(ask, Asker("anna", "sales"))

    def approve(self, name: str) -> None:
        """A person of its own approves in each role that the request needs."""
        (request,) = self.desk.log().named(name)
        for role in request.roles_missing:
            self.desk.decide(name, Act.APPROVE, Asker(f"{role} person", role), "fine")

    def approve_own(self, name: str) -> str:
        """Anna approves what she asked for; returns why she may not."""
        try:
            self.desk.decide(name, Act.APPROVE, Asker("anna", "sales"), "mine")
        except Refused as refused:
            return f"{refused.what} {refused.why}"
        raise AssertionError("nobody refused")


def settings_of(root: Path, day: str) -> Settings:
    return Settings(home=root / "home", as_of=day, group_currency="EUR", policy_dir=root / "policy")


def _contract(contract_id: str, customer: str, values: dict[str, Any]) -> dict[str, Any]:
    row = {"contract_id": contract_id, "version": 1, "customer_id": customer, "currency": "EUR"}
    row |= {"is_auto_renew": False, "start_date": "2024-07-01", "signed_date": "2024-06-15"}
    return row | values


def _sale(world: World, customer: str, month: str, revenue: int) -> None:
    order = f"{customer}-{month}"
    world.order(
        order,
        sold_to_customer_id=customer,
        ship_to="ST-CROWD",
        ordered_at=f"{month}-05T09:00:00Z",
    )
    due = (date.fromisoformat(f"{month}-05") + timedelta(days=7)).isoformat()
    world.line(order, qty=1, due=f"{due}T15:00:00Z")
    world.invoice(
        f"I-{order}",
        {"order": order, "qty": 1, "net": revenue},
        sold_to_customer_id=customer,
        posting_date=f"{month}-20",
    )


SCHEME = {
    "window_months": "1",
    "initial_load_days": "1",
    "onboarding_min_orders": "1",
    "onboarding_min_days": "0",
}
PLAIN_RULE = {
    "scheme_id": "service",
    "version": "1",
    "status": "ACTIVE",
    "priority": "5",
    "window_n": "1",
    "window_unit": "MONTH",
    "window_offset": "0",
    "min_observations": "1",
    "consecutive_evaluations": "1",
    "cadence": "MONTHLY",
    "trigger_event": "NONE",
    "max_steps": "1",
    "min_dwell_days": "0",
    "cool_off_after_override_days": "0",
    "freeze_windows": "[]",
    "respects_contract_floor": "true",
    "respects_parent": "INDEPENDENT",
    "approval": "OWNER",
    "effective_policy": "IMMEDIATE",
    "notice_days_customer": "0",
    "missing_data": "HOLD",
    "owner": "supply_chain",
    "valid_from": "2000-01-01",
}


def _write_policy(folder: Path, rules: list[dict[str, str]]) -> None:
    shutil.copytree(SEEDS_DIR / "policy", folder)
    books = {"tz_name": "America/New_York"}
    _edit(folder / "company.csv", lambda rows: [row | books for row in rows])
    _edit(folder / "service_promise.csv", _with_another_target)
    _edit(folder / "segment_scheme.csv", lambda rows: [row | SCHEME for row in rows])
    _edit(
        folder / "scheme_attribute.csv",
        lambda rows: [
            row | {"weight": "1"} for row in rows if row["attribute_id"] == "net_revenue"
        ],
    )
    _edit(
        folder / "reclass_rule.csv",
        lambda rows: rows + [dict.fromkeys(rows[0], "") | PLAIN_RULE | rule for rule in rules],
    )


TARGET = {"segment_code": "S2", "element": "OTIF", "product_class": "", "customer_id": ""}
TARGET_CHANGES_ON = "2025-05-11"


def _with_another_target(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Gold is promised 0.95 up to a day in May, and 0.90 from then on."""
    [before] = [row for row in rows if row | TARGET == row]
    after = before | {"target": "0.90", "valid_from": TARGET_CHANGES_ON}
    ended = before | {"target": "0.95", "valid_to": TARGET_CHANGES_ON}
    return [row for row in rows if row is not before] + [ended, after]


def _edit(path: Path, change: Callable[[list[dict[str, str]]], list[dict[str, str]]]) -> None:
    with path.open(newline="", encoding="utf-8") as file:
        rows = change(list(csv.DictReader(file)))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def path_of(ask: Callable[[str], list[dict[str, Any]]], entity: str) -> list[tuple[str, str, str]]:
    """Segments of an entity in the order of decisions: segment, first day, rule or cause."""
    rows = ask(
        "select to_segment_code, cast(valid_from as varchar) as day, rule_id"
        f" from marts.fct_segment_event where entity_id = '{entity}' order by event_seq"
    )
    return [(row["to_segment_code"], row["day"], row["rule_id"]) for row in rows]


TABLES = {
    "fct_segment_event": "event_id",
    "dim_customer_segment": "scheme_id, entity_id, recorded_from, valid_from",
    "mart_reclass_proposal": "proposal_id",
}
Tables = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class TwoDays:
    """The company after two days: its marts, and what three tables held after each build."""

    settings: Settings
    first: Tables
    again: Tables
    second: Tables
    from_scratch: Tables

    def ask(self, query: str) -> list[dict[str, Any]]:
        """Run a query on the marts."""
        return ask(self.settings, query)


def live(company: TierCompany, root: Path) -> TwoDays:
    """Build the company at the end of June, again, two days later, and all of it from scratch."""
    company.write(root)
    later = root / "later" / "crm" / "contract"
    later.mkdir(parents=True)
    delta = "crm-contract-next-day"
    (root / "first" / "crm" / "contract" / delta).rename(later / delta)
    settings = settings_of(root, FIRST_DAY)
    land(settings, from_dir=root / "first")
    company.decide(settings, until=FIRST_DAY)
    made(settings)
    first = _tables(settings)
    made(settings)
    again = _tables(settings)
    settings = settings_of(root, SECOND_DAY)
    land(settings, from_dir=root / "later")
    made(settings)
    second = _tables(settings)
    made(settings, full=True)
    return TwoDays(settings, first, again, second, _tables(settings))


def _tables(settings: Settings) -> Tables:
    return {
        name: ask(settings, f"from marts.{name} order by {order}") for name, order in TABLES.items()
    }
