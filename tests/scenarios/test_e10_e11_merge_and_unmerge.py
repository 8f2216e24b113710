"""E10 and E11: two customers turn out to be one, and three months later to be two after all.

A is the largest of ten customers, B one of the middle. Merged they are one entity, which is scored
as one; what each of them ordered and was billed stays with its own number, and no money is counted
twice. After the merge is taken back every figure is as it was.
"""

import datetime as dt
from decimal import Decimal

import duckdb
import pytest

from dagster_project.governance.requests.known import segments_on
from dagster_project.ingestion import land
from dagster_project.release.digest import schema_digests
from dagster_project.segmentation.explain import explain_from

from .people import Log
from .small_company import ask, made, settings_of
from .ten_customers import MONTHS, ten_customers

A, B = "C-E10-09", "C-E10-05"
TELLS_WHAT_PEOPLE_DID = ("mart_governance__", "audit_", "mart_edge_case_monitor")


class Built:
    """The home as two customers, as one and as two again; what was seen of each time."""

    def __init__(self, root) -> None:
        self.settings = settings_of(root)
        ten_customers("E10").write(root / "extracts")
        land(self.settings, from_dir=root / "extracts")
        made(self.settings)
        self.before, self.digests_before = self.look(), self.digests()
        log = Log()
        log.at("2025-03-01 09:00").merge(f"erp:{A}", f"erp:{B}")
        log.write(self.settings)
        made(self.settings)
        self.merged = self.look()
        self.then = {day: self.believed(day) for day in ("2025-02-20", "2025-03-01", "2025-03-02")}
        self.said = {day: self.explained(day) for day in ("2025-02-20", "2025-06-20")}
        self.survivor_moves = ask(
            self.settings,
            "select rule_id, to_segment_code, cast(recorded_at as date)::varchar as day"
            " from marts.fct_segment_event where rule_id = 'MERGED'",
        )
        log.at("2025-06-01 09:00").merge(f"erp:{A}", f"erp:{B}", "different")
        log.write(self.settings)
        made(self.settings)
        self.apart, self.digests_apart = self.look(), self.digests()

    def look(self) -> dict:
        entities = ask(
            self.settings,
            "select customer_id, entity_id from marts.dim_customer"
            f" where customer_id in ('{A}', '{B}')",
        )
        segments = ask(
            self.settings,
            "select entity_id, segment_code from marts.dim_customer_segment where is_current",
        )
        money = ask(
            self.settings,
            "select customer_id, sum(net_amount_group) as net from marts.fct_invoice_line"
            " group by customer_id",
        )
        return {
            "entity": {row["customer_id"]: row["entity_id"] for row in entities},
            "segment": {row["entity_id"]: row["segment_code"] for row in segments},
            "net": {row["customer_id"]: row["net"] for row in money},
            "by segment": ask(
                self.settings,
                "select sum(net_amount_group) as net, sum(orders_count) as orders"
                " from marts.mart_segment_kpi_monthly",
            ),
            "changes": ask(
                self.settings,
                "select entity_id, attribute, actor from marts.mart_governance__profile_change"
                " where source = 'decision' order by entity_id",
            ),
        }

    def believed(self, day: str) -> dict[str, str]:
        """Segments on a day as they were believed at its end, by entity: of the two alone."""
        at = dt.datetime.fromisoformat(day) + dt.timedelta(hours=23)
        with duckdb.connect(str(self.settings.warehouse_path), read_only=True) as con:
            con.execute("use marts")
            rows = segments_on(con, dt.date.fromisoformat(day), at)
        return {row["entity_id"]: row["segment_code"] for row in rows if row["entity_id"] in (A, B)}

    def explained(self, day: str) -> dict:
        with duckdb.connect(str(self.settings.warehouse_path), read_only=True) as con:
            return explain_from(con, A, known_at=day)

    def digests(self) -> dict[str, str]:
        with duckdb.connect(str(self.settings.warehouse_path), read_only=True) as con:
            found = schema_digests(con, "marts")
        return {
            name: digest.sha256
            for name, digest in found.items()
            if not name.startswith(TELLS_WHAT_PEOPLE_DID)
        }


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Built:
    return Built(tmp_path_factory.mktemp("merge"))


@pytest.mark.slow
def test_e10_two_customers_become_one_entity(built):
    assert built.before["segment"][A] == "S1"
    assert built.before["segment"][B] == "S3"
    merged = built.merged["entity"]
    assert merged[A] == merged[B]
    assert len(built.merged["segment"]) == len(built.before["segment"]) - 1


@pytest.mark.slow
def test_e10_the_one_entity_is_scored_as_one(built):
    assert built.merged["segment"][built.merged["entity"][A]] == "S1"


@pytest.mark.slow
def test_e10_what_was_known_before_the_merge_can_still_be_asked(built):
    assert built.then["2025-02-20"] == {A: "S1", B: "S3"}
    assert built.then["2025-03-01"] == {A: "S1", B: "S3"}
    assert set(built.then["2025-03-02"]) == {built.merged["entity"][A]}


@pytest.mark.slow
def test_e10_the_explanation_tells_of_each_as_it_was_known(built):
    before, after = built.said["2025-02-20"], built.said["2025-06-20"]
    assert (before["customer"]["entity_id"], before["segment"]["segment_code"]) == (A, "S1")
    assert [event["to_segment_code"] for event in before["history"]] == ["N0", "S1"]
    assert after["customer"]["entity_id"] == built.merged["entity"][A] == B
    assert any(line.startswith("Until 2025-03-01 it was a customer") for line in after["sentences"])


@pytest.mark.slow
def test_e10_the_survivor_takes_the_better_segment_on_the_day_of_the_merge(built):
    assert built.survivor_moves == [
        {"rule_id": "MERGED", "to_segment_code": "S1", "day": "2025-03-02"}
    ]


@pytest.mark.slow
def test_e10_no_money_is_counted_twice_and_each_number_keeps_its_own(built):
    assert built.merged["net"] == built.before["net"]
    assert built.merged["net"][B] == Decimal(600 * 2 * len(MONTHS))
    assert built.merged["by segment"] == built.before["by segment"]


@pytest.mark.slow
def test_e10_the_record_says_who_merged_them(built):
    assert {row["actor"] for row in built.merged["changes"]} == {"dora"}


@pytest.mark.slow
def test_e11_after_the_merge_is_taken_back_every_figure_is_as_it_was(built):
    assert built.apart["entity"] == built.before["entity"]
    changed = [n for n, d in built.digests_before.items() if built.digests_apart[n] != d]
    assert changed == []


@pytest.mark.slow
def test_the_monitor_counts_the_merge_and_its_end(built):
    rows = ask(
        built.settings,
        "select edge_id, occurrences_count from marts.mart_edge_case_monitor"
        " where edge_id in ('E10', 'E11') order by edge_id",
    )
    assert [row["occurrences_count"] for row in rows] == [1, 1]
