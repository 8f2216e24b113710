"""What the work file of a home knows about parties, for people who ask."""

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dagster_project.errors import UsageError
from dagster_project.identity.explain import explain, in_words
from dagster_project.identity.policy import parse_model, parse_policy
from dagster_project.identity.results import Policy
from dagster_project.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEMBERS = """
    select
        member.source_system || ':' || member.source_id as record_id,
        record.name, member.method, cast(member.confidence as double) as confidence,
        member.linked_id, member.explanation
    from intermediate.int_customer__crosswalk as member
    inner join intermediate.int_customer__crosswalk as asked
        on member.party_key = asked.party_key
    left join intermediate.int_party__record as record
        on member.source_system = record.source_system and member.source_id = record.source_id
    where asked.source_system || ':' || asked.source_id = $record
    order by member.party_key = record_id desc, record_id"""


def members_of(settings: Settings, record: str) -> list[dict[str, Any]]:
    """Return the records of the party of ``record``, the one that stands for it first.

    Raises:
        UsageError: Nothing was built, or nobody knows the record.
    """
    asked = record if ":" in record else f"erp:{record}"
    with _reading(settings) as con:
        found = _dicts(con, _MEMBERS, {"record": asked})
    if not found:
        raise UsageError(
            f"Nobody knows the record {asked}.",
            "It is not among the party records of the last build.",
            "Write <source system>:<id>, e.g. erp:C000017 or crm:A000017.",
        )
    return found


def why_pair(settings: Settings, left: str, right: str) -> dict[str, Any]:
    """Return what was decided about two records, why, and what speaks for it, in words.

    Raises:
        UsageError: Nothing was built, or one of the records is unknown.
    """
    with _reading(settings) as con:
        records = con.sql("from analytics.identity_record").to_arrow_table()
        policy = {
            name: con.sql(f"from policy.identity_{name}").to_arrow_table().to_pylist()
            for name in ("setting", "weight")
        }
        pairs = _dicts(
            con,
            "select decision, reason, match_weight, match_probability"
            " from analytics.identity_pair where left_id = $left and right_id = $right",
            dict(zip(("left", "right"), sorted((left, right)), strict=True)),
        )
    model = parse_model(policy["setting"], policy["weight"])
    evidence = in_words(explain(records, model, left, right))
    unlikely = {
        "decision": "apart",
        "reason": "they share no blocking key, or their probability is below the review threshold",
        "match_weight": None,
        "match_probability": None,
    }
    return {"left_id": left, "right_id": right, **(pairs or [unlikely])[0], "evidence": evidence}


def party_records(settings: Settings) -> pa.Table:
    """Return the party records of the last build, as ``int_party__record`` has them."""
    with _reading(settings) as con:
        return con.sql("from intermediate.int_party__record").to_arrow_table()


def policy_of(settings: Settings) -> Policy:
    """Return the matching policy of the last build."""
    with _reading(settings) as con:
        rows = (
            con.sql(f"from policy.identity_{name}").to_arrow_table().to_pylist()
            for name in ("setting", "source")
        )
        return parse_policy(*rows)


@contextmanager
def _reading(settings: Settings) -> "Iterator[Any]":
    import duckdb

    missing = UsageError(
        "There are no party records yet.",
        f"{settings.warehouse_path} does not hold a complete build.",
        "Run `tierline build` first.",
    )
    if not settings.warehouse_path.exists():
        raise missing
    con = duckdb.connect(str(settings.warehouse_path), read_only=True)
    try:
        con.execute("set TimeZone = 'UTC'")
        yield con
    except duckdb.CatalogException as error:
        raise missing from error
    finally:
        con.close()


def _dicts(con: Any, sql: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    result = con.execute(sql, parameters)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
