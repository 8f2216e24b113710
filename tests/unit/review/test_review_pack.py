"""The review of a quarter has the figures of the release, for those who may see margins."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import duckdb
import pytest
from openpyxl import load_workbook

from dagster_project.cli.main import run
from dagster_project.errors import UsageError
from dagster_project.governance.decisions import DecisionStore, Entry
from dagster_project.review import write_pack
from dagster_project.review.figures import LINES, STEPS
from dagster_project.settings import Settings

S1, NOBODY = "service:S1", "-2"
BRIDGE = {"PRIOR": 900, "PRICE": 50, "MIGRATION_IN": -20, "CURRENT": 930}


def line_rows(quarter, segment, shift=0):
    """Each line has 100 times its place, plan and quarter before beside it."""
    return [
        (
            *(quarter, segment, number, code, 100 * number + shift, None, 90 * number, None),
            *(80 * number, "ALLOCATED", 7, 21, 5 * number, 3 * number, 2 * number + shift),
        )
        for number, code in enumerate(LINES, start=1)
    ]


@pytest.fixture
def settings(tmp_path):
    made = Settings(home=tmp_path / "home")
    folder = made.releases_dir / "r1"
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "marts.duckdb")) as con:
        money = "decimal(18, 4)"
        con.execute(
            f"""create table mart_segment_pnl_quarter (fiscal_quarter varchar, segment_key varchar,
            line_no bigint, line_code varchar, amount_group {money},
            reported_amount_group {money}, prior_amount_group {money},
            year_before_amount_group {money}, budget_amount_group {money}, budget_basis varchar,
            entities_count bigint, invoice_lines_count bigint, customers_effect_group {money},
            lines_effect_group {money}, rate_effect_group {money});
            create table mart_segment_pnl_bridge (fiscal_quarter varchar,
            prior_fiscal_quarter varchar, segment_key varchar, step_no bigint, step_code varchar,
            amount_group {money});
            create table mart_tier_sustainability as
                select '2025-Q2' as fiscal_quarter, '{S1}' as segment_key, 'WATCH' as verdict;
            create table dim_segment as select '{S1}' as segment_key, 'S1' as segment_code,
                'Gold <b>' as label, cast(1 as bigint) as tier_rank;"""
        )
        rows = [
            *line_rows("2025-Q1", S1),
            *line_rows("2025-Q2", S1, shift=Decimal("0.1234")),
            *line_rows("2025-Q2", NOBODY),
            ("2025-Q2", "-1", 6, "NET_REVENUE", 0, 0, 0, 0, None, None, 0, 0, None, None, None),
        ]
        con.executemany(
            f"insert into mart_segment_pnl_quarter values ({', '.join('?' * 15)})", rows
        )
        for number, code in enumerate(STEPS, start=1):
            con.execute(
                "insert into mart_segment_pnl_bridge values ('2025-Q2', '2025-Q1', ?, ?, ?, ?)",
                [S1, number, code, BRIDGE.get(code, 0)],
            )
    tables = {
        name: {"rows": 1}
        for name in ("mart_segment_pnl_quarter", "mart_segment_pnl_bridge", "dim_segment")
    } | {"mart_tier_sustainability": {"rows": 1}}
    receipt = {"build_id": "b1", "code_version": "c1", "build": {"group_currency": "EUR"}}
    manifest = {
        "build_id": "b1",
        "as_of": "2025-06-30",
        "published_at": "2025-07-01T00:00:00+00:00",
        "tables": tables,
        "data_through": {},
    }
    receipt["build"]["policy_version"] = "p1"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "receipt.json").write_text(json.dumps(receipt))
    made.current_link.symlink_to("releases/r1")
    return made


def test_last_quarter_has_a_page_and_a_workbook_for_each_segment(settings):
    pack = write_pack(settings)
    assert (pack.release_id, pack.fiscal_quarter) == ("r1", "2025-Q2")
    names = ["service-S1.html", "service-S1.xlsx", "no-customer.html", "no-customer.xlsx"]
    assert pack.files == ["index.html", *names]
    folder = settings.home / "reviews" / "r1" / "2025-Q2"
    assert sorted(path.name for path in folder.iterdir()) == sorted(pack.files)
    # Nothing is unassigned, so there is no page of it; one without a bridge has a page.
    assert "Bridge of net-to-serve" not in (folder / "no-customer.html").read_text()


def test_page_shows_lines_bridge_and_verdict_and_trusts_no_label(settings, tmp_path):
    write_pack(settings, out=tmp_path / "out")
    page = (tmp_path / "out" / "service-S1.html").read_text(encoding="utf-8")
    assert "Gold &lt;b&gt;" in page
    assert "Gold <b>" not in page
    for shown in [*LINES.values(), *STEPS.values(), "watch", "allocated", "1,500", "+150"]:
        assert shown in page
    overview = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert 'href="service-S1.html"' in overview
    assert "-20" in overview


def test_workbook_has_the_figures_of_the_mart_to_the_last_digit(settings, tmp_path):
    write_pack(settings, quarter="2025-Q2", segment=S1, out=tmp_path)
    book = load_workbook(tmp_path / "service-S1.xlsx")
    names, *rows = book["Profit and loss"].iter_rows(values_only=True)
    found = {row[0]: dict(zip(names, row, strict=True)) for row in rows}
    assert list(found) == list(LINES)
    assert found["NET_REVENUE"]["amount_group"] == pytest.approx(600.1234, abs=1e-9)
    assert found["NET_REVENUE"]["year_before_amount_group"] is None
    steps = dict(list(book["Bridge"].iter_rows(values_only=True))[1:])
    assert {code: steps[code] for code in BRIDGE} == BRIDGE
    assert not (tmp_path / "no-customer.xlsx").exists()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"quarter": "2024-Q1"}, "2025-Q1 to 2025-Q2"),
        ({"segment": "service:S9"}, "service:S1, -2"),
        ({"profile_id": "nobody"}, "Known:"),
        ({"profile_id": "planner"}, "margins"),
    ],
)
def test_what_is_not_there_or_not_for_them_is_refused_with_what_there_is(settings, asked, said):
    with pytest.raises(UsageError) as refused:
        write_pack(settings, **asked)
    assert said in str(refused.value)


def test_a_named_reader_needs_a_grant_for_all_regions(settings, tmp_path):
    def granted(reader, region):
        until = datetime.now(UTC).date() + timedelta(days=30)
        payload = {
            "reader": reader,
            "profile": "internal",
            "region": region,
            "valid_to": until.isoformat(),
        }
        entry = Entry("access_grant", reader, "kim", "security", "because", payload)
        DecisionStore(settings.decisions_url).append(entry)

    with pytest.raises(UsageError, match="never granted"):
        write_pack(settings, reader="lena", out=tmp_path)
    granted("lena", "*")
    assert write_pack(settings, reader="lena", out=tmp_path).files
    granted("omar", "DACH")
    with pytest.raises(UsageError, match="all regions"):
        write_pack(settings, reader="omar", out=tmp_path)


def test_without_a_release_the_next_command_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TIERLINE_HOME", str(tmp_path))
    assert run(["review"]) == 2
    assert "tierline refresh" in capsys.readouterr().err
