"""Small companies to match, and short ways to ask what became of them."""

from typing import Any

import pyarrow as pa

from dagster_project.identity.columns import MatchColumns
from dagster_project.identity.match import match
from dagster_project.identity.results import Matches, Policy

COLUMNS = MatchColumns(
    id="id",
    source="source",
    active="active",
    names="names",
    kinds={
        name: name
        for name in (
            "name",
            "street",
            "city",
            "postcode",
            "country",
            "phone",
            "email",
            "vat_id",
            "tax_id",
            "lei",
            "gln",
        )
    },
)
VAT, OTHER_VAT = "DE136695976", "DE129274202"
LEI = "213800KUD8LAJWSQ9D15"


def company(id: str, **known: Any) -> dict[str, Any]:
    """A record of a company in Hamburg; what is not given is null, the source comes from the id."""
    blank = dict.fromkeys((*COLUMNS.kinds, "source", "names"), None)
    place = {"street": "Hafenstr. 7", "city": "Hamburg", "postcode": "20457", "country": "DE"}
    return blank | place | {"id": id, "source": id.split("-")[0], "active": True} | known


def table(*records: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(records), schema=_SCHEMA)


_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("id", "source", "names", *COLUMNS.kinds)]
    + [("active", pa.bool_())]
)


def verdicts(*told: tuple[str, str, str]) -> pa.Table:
    names = ("left_id", "right_id", "verdict")
    return pa.table({name: [each[at] for each in told] for at, name in enumerate(names)})


def matched(*records: dict[str, Any], told: pa.Table | None = None, **policy: Any) -> Matches:
    return match(table(*records), COLUMNS, told, Policy(**policy))


def groups(matches: Matches) -> set[frozenset[str]]:
    """The clusters with more than one record."""
    members: dict[str, set[str]] = {}
    for row in matches.clusters.to_pylist():
        members.setdefault(row["cluster_id"], set()).add(row["record_id"])
    return {frozenset(group) for group in members.values() if len(group) > 1}


def pair(matches: Matches, left: str, right: str) -> dict[str, Any]:
    """The one pair of two records; empty if it was not worth a line."""
    found = [
        row
        for row in matches.pairs.to_pylist()
        if {row["left_id"], row["right_id"]} == {left, right}
    ]
    assert len(found) <= 1
    return found[0] if found else {}
