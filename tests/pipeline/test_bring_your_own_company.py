"""The how-to "bring your own company" does what it says: its files and commands are run here."""

import os
import re
import shlex
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dagster_project.adapters import adapt
from dagster_project.settings import PROJECT_ROOT

pytestmark = pytest.mark.slow

PAGE = (PROJECT_ROOT / "docs" / "how-to" / "bring-your-own-company.md").read_text(encoding="utf-8")
TIERLINE = str(Path(sys.executable).with_name("tierline"))


def files_on_the_page() -> dict[str, str]:
    """Path -> text of each file that the page shows below its path."""
    return dict(re.findall(r"^`([\w./-]+)`\n\n```\w+\n(.*?)```$", PAGE, re.M | re.S))


def commands_on_the_page() -> list[list[str]]:
    """The ``tierline`` commands of the page's bash blocks, one list per block."""
    blocks = re.findall(r"^```bash\n(.*?)```$", PAGE, re.M | re.S)
    return [
        [line for line in block.splitlines() if line.startswith("tierline")] for block in blocks
    ]


class Reader:
    """Someone who follows the page in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "brass-and-pine"
        for name, text in files_on_the_page().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def run(self, command: str) -> str:
        done = subprocess.run(
            [TIERLINE, *shlex.split(command)[1:]],
            cwd=self.folder,
            env=os.environ | {"TIERLINE_HOME": str(self.home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def release(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(self.home / "current" / "marts.duckdb"), read_only=True)


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """Has followed the page up to its last bash block; remembers what was released before it."""
    reader = Reader(tmp_path_factory.mktemp("reader"))
    *earlier, last = commands_on_the_page()
    for command in (command for block in earlier for command in block):
        reader.run(command)
    with reader.release() as marts:
        reader.before = marts.execute(
            "select order_id, line_no, ship_timing, otif_null_reason"
            " from fct_order_line_service order by all"
        ).fetchall()
    for command in last:
        reader.run(command)
    return reader


def test_six_required_feeds_are_enough_for_a_release(reader):
    assert reader.before == [
        ("O1", 1, "ON_TIME", "no delivery event in the sources"),
        ("O1", 2, "EARLY", "no delivery event in the sources"),
        ("O2", 1, "LATE", "no delivery event in the sources"),
        ("O3", 1, "NOT_SHIPPED", "no delivery event in the sources"),
    ]


def test_e55_a_company_without_any_optional_feed_gets_a_release_that_says_no_data(reader):
    """E55: no surveys, no carriers, no invoices: built, published, and honest about it."""
    first = min(page.parents[1] for page in reader.home.glob("releases/*/report/index.html"))
    page = (first / "report" / "index.html").read_text(encoding="utf-8")
    assert ">no data</span>" in page
    with duckdb.connect(str(first / "marts.duckdb"), read_only=True) as marts:
        status = dict(
            marts.execute(
                "select control_id, max(status) from fct_control_result"
                " where control_id in ('R-01', 'R-08', 'R-10', 'R-11', 'R-14') group by all"
            ).fetchall()
        )
        empty = marts.execute(
            "select (select count(*) from fct_invoice_line),"
            " (select count(*) from fct_freight_charge)"
        ).fetchone()
    assert empty == (0, 0)
    assert set(status.values()) == {"NO_DATA"}
    assert len(status) == 5


def test_otif_appears_with_delivery_events(reader):
    with reader.release() as marts:
        assert marts.execute(
            "select order_id, line_no, is_in_full_first, is_on_time_first, is_otif_first"
            " from fct_order_line_service where order_id in ('O1', 'O2') order by all"
        ).fetchall() == [
            ("O1", 1, True, True, True),
            ("O1", 2, True, True, True),
            ("O2", 1, False, False, False),
        ]


def test_intercompany_account_is_excluded_from_segmentation(reader):
    with reader.release() as marts:
        assert marts.execute(
            "select segment_code from dim_customer_segment"
            " inner join dim_customer using (entity_id)"
            " where customer_id = 'C3' and is_current and is_latest_belief"
        ).fetchall() == [("X0",)]


def test_files_of_before_are_recognised_and_not_taken_twice(reader):
    with reader.release() as marts:
        assert marts.execute("select count(*) from fct_order_line").fetchone() == (4,)


def test_logical_date_is_the_last_day_the_documents_cover(reader):
    manifest = (reader.home / "current" / "manifest.json").read_text(encoding="utf-8")
    assert date(2025, 3, 31).isoformat() in manifest


def test_adapter_on_the_page_gives_the_feed_it_shows(tmp_path):
    reader = Reader(tmp_path)
    native = tmp_path / "exports"
    native.mkdir()
    (native / "orders.csv").write_text("order_no,client,order_day\n1,C1,3/31/2025\n")
    (native / "lines.csv").write_text("order_no,pos,article,pieces,unit_price\n1,1,P1,2,80\n")
    batches = adapt(str(reader.folder / "shop-adapter"), native, tmp_path / "out")
    assert [(batch.feed, batch.row_count) for batch in batches] == [("sales_order_line", 1)]


def test_manifest_on_the_page_is_understood_by_the_loader():
    from dagster_project.ingestion.manifest import parse_manifest

    text = files_on_the_page()["by-hand/erp/product/products-2025-03-31/manifest.json"]
    manifest = parse_manifest(text.replace("<sha256 of the file>", "0" * 64).encode())
    assert (manifest.feed, manifest.row_count) == ("product", 2)
