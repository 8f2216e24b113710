"""Of what people decided, only what is approved counts, and only from its day on."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from segment_cases import default_scheme, text

from dagster_project.analytics.tables import MemoryTables
from dagster_project.governance import DecisionStore
from dagster_project.governance.requests import Act, Ask, Asker, Desk
from dagster_project.governance.requests.fold import KINDS_READ
from dagster_project.governance.requests.matrix import load_policy
from dagster_project.governance.tables import write_decisions
from dagster_project.segmentation.asked import read_decisions, wishes_of
from dagster_project.settings import SEEDS_DIR

ANNA, OLA, FAY = Asker("anna", "sales"), Asker("ola", "segment_owner"), Asker("fay", "finance")


class Office:
    """A desk whose clock is set by the test."""

    def __init__(self, folder):
        self.now = datetime(2025, 3, 1, 14, tzinfo=UTC)
        self.store = DecisionStore(f"sqlite:///{folder / 'decisions.db'}", lambda: self.now)
        self.desk = Desk(self.store, load_policy(SEEDS_DIR / "policy"), [])

    def ask(self, entity="E1", to="S2", asker=ANNA, **values):
        values = {"effective_date": date(2025, 4, 1), "from_segment": "S3"} | values
        day = values.pop("effective_date")
        return self.desk.submit(Ask(entity, to, day, "agreed.", **values), asker)

    def on(self, day):
        self.now = datetime.fromisoformat(f"{day}T14:00").replace(tzinfo=UTC)
        return self

    def approve(self, name, *askers):
        for asker in askers:
            self.desk.decide(name, Act.APPROVE, asker, "fine")

    def wishes(self, *names):
        """As the build reads them: from tables, through staging."""
        tables = MemoryTables()
        write_decisions(self.store.read(), tables)
        for kind in KINDS_READ:
            tables.write(f"staging.stg_decisions__{kind}", tables.read(f"decisions.{kind}"))
        return wishes_of(read_decisions(tables), default_scheme(), list(names or ("E1", "E2")))


@pytest.fixture
def office(tmp_path):
    return Office(tmp_path)


def told(found):
    """Request, segment, from when, until when."""
    w = found[0]
    codes = default_scheme().codes
    until = ["open" if not last else text(u) for u, last in zip(w.until, w.is_lasting, strict=True)]
    return [
        (codes[s], text(m), text(e), u)
        for s, m, e, u in zip(w.segment, w.moment, w.effective_day, until, strict=True)
    ]


def test_request_that_nobody_approved_says_nothing(office):
    office.ask()
    assert told(office.wishes()) == []


def test_request_approved_in_time_counts_from_its_effective_day(office):
    office.approve(office.ask(), OLA, FAY)
    assert told(office.wishes()) == [("S2", "2025-04-01", "2025-04-01", "open")]


def test_request_approved_late_counts_from_the_end_of_the_day_of_the_last_approval(office):
    name = office.ask(effective_date=date(2025, 3, 2))
    office.on("2025-03-05").approve(name, OLA)
    assert told(office.wishes()) == []
    office.on("2025-03-09").approve(name, FAY)
    assert told(office.wishes()) == [("S2", "2025-03-10", "2025-03-02", "open")]


def test_request_with_an_end_holds_through_its_last_day(office):
    office.approve(office.ask(holds_until=date(2025, 4, 30)), OLA, FAY)
    assert told(office.wishes()) == [("S2", "2025-04-01", "2025-04-01", "2025-05-01")]


@pytest.mark.parametrize("act", [Act.REJECT, Act.WITHDRAW])
def test_request_that_was_rejected_or_withdrawn_says_nothing(office, act):
    name = office.ask()
    office.desk.decide(name, act, ANNA if act is Act.WITHDRAW else OLA, "no")
    assert told(office.wishes()) == []


def test_emergency_counts_until_it_lapses_where_nobody_approves(office):
    office.ask(is_emergency=True, effective_date=date(2025, 3, 1))
    assert told(office.wishes()) == [("S2", "2025-03-02", "2025-03-01", "2025-03-03")]


def test_emergency_that_is_rejected_counts_until_then(office):
    name = office.ask(is_emergency=True, effective_date=date(2025, 3, 1))
    office.now += timedelta(hours=20)
    office.desk.decide(name, Act.REJECT, OLA, "no")
    assert told(office.wishes()) == [("S2", "2025-03-02", "2025-03-01", "2025-03-03")]


def test_emergency_that_is_approved_goes_on_as_a_request(office):
    name = office.ask(is_emergency=True, effective_date=date(2025, 3, 1))
    office.now += timedelta(hours=20)
    office.approve(name, OLA, FAY)
    assert told(office.wishes()) == [
        ("S2", "2025-03-02", "2025-03-01", "2025-03-03"),
        ("S2", "2025-03-03", "2025-03-01", "open"),
    ]


def test_words_name_the_request_and_who_approved(office):
    name = office.ask(holds_until=date(2025, 4, 30))
    office.approve(name, OLA, FAY)
    found = office.wishes()[0]
    assert found.words == [f"Set to S2 until 2025-04-30 by request {name}."]
    assert found.approved_by == ["ola (segment_owner); fay (finance)"]
    assert found.approval == ["SEGMENT_OWNER+FINANCE"]


def test_request_for_an_entity_that_is_no_more_is_listed_and_not_used(office):
    name = office.ask(entity="GONE")
    office.approve(name, OLA, FAY)
    found, unknown = office.wishes("E1")
    assert (found.request_id, unknown) == ([], [name])


def test_only_finance_may_reach_into_closed_periods(office):
    office.approve(office.ask(), OLA, FAY)
    name = office.ask("E2", asker=FAY)
    office.approve(name, OLA, Asker("fred", "finance"))
    assert office.wishes()[0].may_restate.tolist() == [False, True]


def test_end_before_the_beginning_is_refused(office):
    with pytest.raises(Exception, match="cannot end before it begins"):
        office.ask(holds_until=date(2025, 3, 31))


def test_warehouse_without_decisions_says_nothing():
    found, unknown = wishes_of(read_decisions(MemoryTables()), default_scheme(), ["E1"])
    assert len(found.entity) == 0
    assert found.entity.dtype == np.int64
    assert unknown == []
