"""An erased person is named nowhere in later builds, and every figure stays."""

import duckdb
import pytest
from master_data import deliver, record

from dagster_project.governance import DecisionStore, Entry
from dagster_project.governance.before_build import prepare_raw
from dagster_project.governance.erasure import (
    ALSO_NAMING,
    OF_OTHERS,
    OWNED_BY,
    STAFF,
    naming_columns,
)
from dagster_project.governance.remains import remains
from dagster_project.ingestion import land, load_contracts, register_raw
from dagster_project.settings import Settings


def erase(settings: Settings, kind: str, person: str) -> None:
    payload = {"person_kind": kind, "person_id": person}
    entry = Entry("person_erasure", f"{kind}|{person}", "pia", "privacy", "asked for", payload)
    DecisionStore(settings.decisions_url).append(entry)


@pytest.fixture
def settings(tmp_path) -> Settings:
    """Two customers with a site and an account each, named after themselves."""
    settings = Settings(home=tmp_path / "home")

    def give(system: str, feed: str, rows: list[dict]) -> None:
        deliver(settings.landing_dir, system, feed, f"{feed}-1", 1, rows)

    customers, sites, accounts = [], [], []
    for one in ("C1", "C2"):
        number = "10.5" if one == "C1" else "11.5"
        naming = {"name": f"Name {one}", "tax_id": f"Tax {one}", "vat_id": f"Vat {one}"}
        customers.append(
            record("erp", "customer", customer_id=one, legal_name=f"Legal {one}", **naming)
        )
        sites.append(
            record(
                *("erp", "site"),
                site_id=f"S-{one}",
                customer_id=one,
                street=f"Street {one}",
                name=f"Site {one}",
                postcode=f"Post {one}",
                latitude=number,
            )
        )
        accounts.append(record("crm", "account", account_id=f"A-{one}", customer_id=one, **naming))
    give("erp", "customer", customers)
    give("erp", "site", [*sites, sites[0] | {"site_id": "S-bad", "latitude": "north"}])
    give("crm", "account", accounts)
    return settings


def _raw(settings: Settings, con: duckdb.DuckDBPyConnection) -> None:
    land(settings)
    register_raw(con, settings, load_contracts(), None)
    prepare_raw(con, settings, DecisionStore(settings.decisions_url).read())


def _texts(con: duckdb.DuckDBPyConnection) -> str:
    """Everything that the raw schema shows, as one text."""
    tables = con.execute(
        "select table_schema, table_name from information_schema.tables"
    ).fetchall()
    return "\n".join(
        str(con.execute(f'select * from "{schema}"."{table}"').fetchall())
        for schema, table in tables
    )


def test_nothing_that_names_the_person_passes_the_raw_views(settings):
    with duckdb.connect() as con:
        _raw(settings, con)
        assert all(f"{word} C1" in _texts(con) for word in ("Name", "Legal", "Tax", "Street"))
    erase(settings, "customer", "C1")
    with duckdb.connect() as con:
        _raw(settings, con)
        shown = _texts(con)
        words = ("Name", "Legal", "Tax", "Vat", "Street", "Site", "Post")
        assert [word for word in words if f"{word} C1" in shown] == []
        assert [word for word in words if f"{word} C2" not in shown] == []
        assert "10.5" not in shown
        rows = con.execute("select customer_id, name, tax_id from raw.erp__customer").fetchall()
        assert sorted(rows)[0][0] == "C1"
        assert sorted(rows)[0][1].endswith(" erased")
        assert con.execute("select count(*) from raw.erp__customer__delta").fetchone() == (2,)


def test_an_account_is_erased_alone_or_with_its_customer(settings):
    erase(settings, "account", "A-C2")
    erase(settings, "customer", "C1")
    with duckdb.connect() as con:
        _raw(settings, con)
        names = con.execute("select name, vat_id from raw.crm__account").fetchall()
        assert all(name.endswith(" erased") and vat is None for name, vat in names)
        assert len(set(names)) == 2
        assert con.execute(
            "select name from raw.erp__customer where customer_id = 'C2'"
        ).fetchall() == [("Name C2",)]


def test_an_id_that_nobody_has_erases_nobody(settings):
    erase(settings, "customer", "C1' or true --")
    with duckdb.connect() as con:
        _raw(settings, con)
        assert "Name C1" in _texts(con)


def test_every_feed_with_personal_columns_is_decided_about():
    contracts = load_contracts()
    personal = {
        place
        for place, feed in contracts.items()
        if any(column.classification == "pii" for column in feed.columns)
    }
    assert personal <= OWNED_BY.keys() | OF_OTHERS.keys()
    assert not OWNED_BY.keys() & OF_OTHERS.keys()
    for place, owners in OWNED_BY.items():
        assert set(owners) <= set(contracts[place].column_names)
        assert set(ALSO_NAMING.get(place, ())) <= set(contracts[place].column_names)
        assert not {column for *of, column in STAFF if tuple(of) == place} & set(
            naming_columns(contracts[place])
        )
        assert not set(naming_columns(contracts[place])) & {*owners, *contracts[place].key}


def test_what_remains_is_said_place_by_place(settings):
    assert "raw batches" not in remains(settings)
    land(settings)
    assert "raw batches" in remains(settings)
    assert "delivered files" in remains(settings)


@pytest.mark.slow
@pytest.mark.further
def test_figures_stay_and_the_name_is_in_no_table_after_the_next_build(tmp_path):
    from dagster_project.release.digest import schema_digests
    from dagster_project.simulator import simulate
    from dagster_project.warehouse.build import build

    simulate("XS", 1, tmp_path / "extracts")
    settings = Settings(home=tmp_path / "home")
    land(settings, tmp_path / "extracts" / "landing")
    assert build(settings).ok

    def work() -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(settings.warehouse_path), read_only=True)

    with work() as con:
        digests = schema_digests(con, "marts")
        before = {name: one.sha256 for name, one in digests.items()}
        rows = {name: one.rows for name, one in digests.items()}
        person, *naming = con.execute(
            "select customer_id, name, tax_id, legal_name from staging.stg_erp__customer"
            " where customer_id in (select customer_id from marts.fct_invoice_line)"
            " and tax_id is not null order by customer_id limit 1"
        ).fetchone()
        naming += [
            street
            for (street,) in con.execute(
                "select street from staging.stg_erp__site where customer_id = ?", [person]
            ).fetchall()
        ]
        assert _holding(con, naming) != []
    erase(settings, "customer", person)
    rebuilt = build(settings)
    assert rebuilt.ok
    assert rebuilt.full
    with work() as con:
        digests = schema_digests(con, "marts")
        after = {name: one.sha256 for name, one in digests.items()}
        left = {name: one.rows for name, one in digests.items()}
        assert _holding(con, naming) == []
        assert con.execute(
            "select new_value, actor from marts.mart_governance__profile_change"
            " where attribute = 'personal_data'"
        ).fetchall() == [("erased", "pia")]
    changed = {name for name in before if before[name] != after[name]}
    # The audit counts the decision by which the person was erased.
    of_governance = ("dim_", "mart_governance__", "audit_control_result")
    assert [one for one in changed if not one.startswith(of_governance)] == []
    assert {name for name in before if name.startswith(("fct_", "mart_c", "mart_s"))}
    same_rows = {name for name in rows if name.startswith("dim_")}
    assert {name: rows[name] for name in same_rows} == {name: left[name] for name in same_rows}


def _holding(con: duckdb.DuckDBPyConnection, values: list[str | None]) -> list[tuple[str, str]]:
    """Tables and columns of the work file in which one of the values stands."""
    wanted = [value for value in values if value]
    columns = con.execute(
        "select schema_name, table_name, column_name from duckdb_columns()"
        " where data_type = 'VARCHAR' and not internal"
    ).fetchall()
    return [
        (f"{schema}.{table}", column)
        for schema, table, column in columns
        if con.execute(
            f'select count(*) from "{schema}"."{table}" where list_contains(?, "{column}")',
            [wanted],
        ).fetchone()[0]
    ]
