"""Erased persons: what names them does not get past the door of the warehouse.

Raw batches are never rewritten, so the raw views leave out what names an erased person: no table
that is built from them can hold it. Keys, amounts and counts stay. Add a feed with personal columns
to ``OWNED_BY`` or, with the reason, to ``OF_OTHERS``; a test holds both to the contracts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dagster_project.governance.decisions import Decision
from dagster_project.ingestion.checks import literal, quoted
from dagster_project.ingestion.contract import Contracts, Feed

CUSTOMER, ACCOUNT = "customer", "account"

OWNED_BY: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("erp", "customer"): {"customer_id": CUSTOMER},
    ("erp", "site"): {"customer_id": CUSTOMER},
    ("crm", "account"): {"account_id": ACCOUNT, "customer_id": CUSTOMER},
    ("crm", "survey_response"): {"account_id": ACCOUNT},
    ("crm", "interview_note"): {"account_id": ACCOUNT},
}
"""Feeds whose rows are about a person: the column that says who, and which kind of person."""

OF_OTHERS = {
    ("crm", "sales_visit"): "names our own staff",
    ("erp", "sales_order"): "names our own staff",
    ("erp", "purchase_order"): "names our own staff",
    ("sales_ops", "commission"): "names our own staff",
    ("sales_ops", "sales_target"): "names our own staff",
    ("hr", "user"): "names our own staff",
    ("erp", "supplier"): "suppliers are no customers",
    ("tms", "tracking_event"): "holds a hash made by the carrier, not the name of who signed",
}
"""Feeds with personal columns that are not the customer's, and why."""

STAFF = {("crm", "account", "owner_user_id"), ("crm", "interview_note", "interviewer")}
"""Personal columns of our own staff in rows about a customer."""

ALSO_NAMING = {
    ("erp", "customer"): ("vat_id", "lei", "duns", "gln"),
    ("erp", "site"): ("postcode", "latitude", "longitude", "gln"),
    ("crm", "account"): ("vat_id", "website", "postcode"),
}
"""Columns that are harmless for a company and lead to a person where the customer is one."""


@dataclass(frozen=True)
class Erased:
    """Ids of the erased persons by kind."""

    customers: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.customers or self.accounts)

    def of(self, kind: str) -> list[str]:
        return sorted(self.customers if kind == CUSTOMER else self.accounts)


def erased_persons(decisions: Iterable[Decision]) -> Erased:
    """Return who is erased, from the decisions of kind ``person_erasure``."""
    named = [one.payload for one in decisions if one.kind == "person_erasure"]
    ids = {
        kind: frozenset(one["person_id"] for one in named if one["person_kind"] == kind)
        for kind in (CUSTOMER, ACCOUNT)
    }
    return Erased(ids[CUSTOMER], ids[ACCOUNT])


def with_accounts(con: Any, erased: Erased) -> Erased:
    """Add the CRM accounts that name an erased customer; reads the raw view without masks."""
    if not erased.customers:
        return erased
    listed = ", ".join(literal(one) for one in erased.of(CUSTOMER))
    found = con.execute(
        f"select trim(account_id) from raw.crm__account where trim(customer_id) in ({listed})"
    ).fetchall()
    return Erased(erased.customers, erased.accounts.union(account for (account,) in found))


def naming_columns(feed: Feed) -> list[str]:
    """Return the columns of a feed that can name the person whom a row is about."""
    place = (feed.system, feed.name)
    if place not in OWNED_BY:
        return []
    also = ALSO_NAMING.get(place, ())
    return [
        column.name
        for column in feed.columns
        if (column.classification == "pii" or column.name in also)
        and (*place, column.name) not in STAFF
    ]


def masked(feed: Feed, erased: Erased) -> dict[str, str]:
    """Return SQL by column that hides what names an erased person; empty where nobody is.

    A column that may be null becomes null. One that may not gets a word made from the key of the
    row: different for each row, so that no two erased persons look alike, and nothing of the name.
    """
    rows = [
        f"trim({quoted(column)}) in ({', '.join(literal(one) for one in erased.of(kind))})"
        for column, kind in OWNED_BY.get((feed.system, feed.name), {}).items()
        if erased.of(kind)
    ]
    if not rows:
        return {}
    is_erased = " or ".join(rows)
    key = " || '|' || ".join(f"trim({quoted(name)})" for name in feed.key)
    nullable = {column.name for column in feed.columns if column.nullable}
    return {
        name: f"case when {is_erased} then "
        + ("null" if name in nullable else f"substring(md5({key}), 1, 12) || ' erased'")
        + f" else {quoted(name)} end"
        for name in naming_columns(feed)
    }


def hide_erased(con: Any, contracts: Contracts, erased: Erased) -> None:
    """Put the masks over the raw views and drop quarantined text that mentions an erased person.

    Args:
        con: The work file with freshly registered raw views.
        contracts: All feeds.
        erased: Who is erased, accounts of erased customers included.
    """
    for feed in contracts.values():
        masks = masked(feed, erased)
        if not masks:
            continue
        replaced = ", ".join(f"{sql} as {quoted(name)}" for name, sql in masks.items())
        for relation in (feed.relation, f"{feed.relation}__delta"):
            _wrap_view(con, relation, replaced)
        ids = [one for kind in OWNED_BY[feed.system, feed.name].values() for one in erased.of(kind)]
        mentions = " or ".join(
            f"contains(coalesce(raw_text, value, ''), {literal(one)})" for one in ids
        )
        con.execute(
            "update raw.quarantined_row set value = null, raw_text = null"
            f" where system = ? and feed = ? and ({mentions})",
            [feed.system, feed.name],
        )


def _wrap_view(con: Any, relation: str, replaced: str) -> None:
    (sql,) = con.execute(
        "select sql from duckdb_views() where schema_name = 'raw' and view_name = ?", [relation]
    ).fetchone()
    query = sql.split(" AS ", 1)[1].rstrip().rstrip(";")
    con.execute(
        f"create or replace view raw.{quoted(relation)} as"
        f" select * replace ({replaced}) from ({query}) as landed"
    )
