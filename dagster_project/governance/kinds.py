"""The kinds of decision that people can take: what each says and which roles may take it.

Add a kind by adding a row to ``_LIST`` (about agreements, breaches and corrective actions:
``improvement_kinds``) and, once a model reads it, its table and staging view in
``dbt/models/staging/decisions``. How decisions are kept does not belong here.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa

from dagster_project.errors import UsageError
from dagster_project.governance.improvement_kinds import IMPROVEMENT_KINDS
from dagster_project.governance.kind import RULE_ROLE, Kind

DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)")

APPROVERS = ("segment_owner", "sales", "finance", "committee")
"""Roles that the approval matrix may ask for."""

_LIST = (
    Kind(
        "identity_verdict",
        {"left_id": "varchar", "right_id": "varchar", "verdict": "varchar"},
        ("data_steward", "sales", "supply_chain"),
        "Two records are the same customer, or are not. One row per verdict.",
        accepted={"verdict": ("same", "different")},
    ),
    Kind(
        "reconciliation_explanation",
        {
            "control_id": "varchar",
            "company_code": "varchar",
            "fiscal_period": "varchar",
            "dimension": "varchar",
            "reason_code": "varchar",
            "amount": "decimal(18,2)",
            "evidence": "varchar",
            "ticket": "varchar",
        },
        ("finance", "sales_ops", "supply_chain"),
        "A difference that a control found has a known cause. One row per explanation.",
        optional=frozenset({"ticket"}),
        accepted={"reason_code": ("timing", "fx", "mapping", "missing", "manual_journal")},
    ),
    Kind(
        "release_waiver",
        {"control_id": "varchar", "fiscal_period": "varchar", "expires_on": "date"},
        ("finance",),
        "A red control does not hold the publication until a day. One row per waiver.",
    ),
    Kind(
        "person_erasure",
        {"person_kind": "varchar", "person_id": "varchar"},
        ("privacy",),
        "What names a person is no longer shown or kept in tables. One row per erasure.",
        accepted={"person_kind": ("customer", "account")},
    ),
    Kind(
        "access_grant",
        {"reader": "varchar", "profile": "varchar", "region": "varchar", "valid_to": "date"},
        ("security",),
        "A reader may have the files of a release profile for a region, or for all ('*'), up to"
        " and including a day. One row per grant.",
    ),
    Kind(
        "access_revoke",
        {"reader": "varchar", "profile": "varchar"},
        ("security",),
        "A reader may no longer have the files of a release profile. One row per withdrawal.",
    ),
    Kind(
        "access_review",
        {"profile": "varchar"},
        ("security", "privacy"),
        "Somebody looked at all grants of a profile, or of all ('*'), and withdrew what should not"
        " be there. One row per review.",
    ),
    Kind(
        "segment_request",
        {
            "request_id": "varchar",
            "scheme_id": "varchar",
            "entity_id": "varchar",
            "from_segment": "varchar",
            "to_segment": "varchar",
            "effective_date": "date",
            "holds_until": "date",
            "reason_code": "varchar",
            "origin": "varchar",
            "is_emergency": "boolean",
            "parent_request_id": "varchar",
            "attachment": "varchar",
            "route": "varchar",
            "roles_needed": "varchar",
            "expires_on": "date",
            "revenue_12_months": "decimal(18,2)",
            "open_orders": "bigint",
            "promised_orders": "bigint",
            "contract_floor": "varchar",
            "contract_id": "varchar",
            "contract_end_date": "date",
            "breaks_contract": "boolean",
            "release_id": "varchar",
        },
        (
            *("sales", "supply_chain", "finance", "customer_service", "data_steward"),
            *("segment_owner", RULE_ROLE),
        ),
        "Somebody asks that an entity moves to another segment; route, expiry and impact are those"
        " of that moment. One row per request.",
        optional=frozenset(
            [
                "holds_until",
                "parent_request_id",
                "attachment",
                "revenue_12_months",
                "open_orders",
                "promised_orders",
                "contract_floor",
                "contract_id",
                "contract_end_date",
                "breaks_contract",
                "release_id",
            ]
        ),
        accepted={"origin": ("MANUAL", "RULE", "CONTRACT", "MERGE")},
    ),
    Kind(
        "segment_request_verdict",
        {
            "request_id": "varchar",
            "act": "varchar",
            "on_behalf_of": "varchar",
            "entity_id": "varchar",
            "outcome": "varchar",
            "refusal": "varchar",
        },
        (*APPROVERS, "supply_chain", "customer_service", "data_steward"),
        "Somebody approves, rejects, withdraws or re-points a request; REFUSED ones were tried, do"
        " not count and say why. One row per act.",
        optional=frozenset({"on_behalf_of", "entity_id", "refusal"}),
        accepted={
            "act": ("approve", "reject", "withdraw", "repoint"),
            "outcome": ("COUNTED", "REFUSED"),
        },
    ),
    Kind(
        "delegation",
        {"delegate": "varchar", "valid_from": "date", "valid_to": "date"},
        APPROVERS,
        "Somebody lets another person approve in the own role, from a day up to and including a"
        " day; a newer row takes the place of an older one. One row per delegation.",
    ),
    Kind(
        "alignment_signoff",
        {"scheme_id": "varchar", "scheme_version": "varchar", "verdict": "varchar"},
        ("supply_chain", "sales", "finance"),
        "A function agrees to a version of a scheme, or does not; the newest of a function counts."
        " One row per signature.",
        accepted={"verdict": ("approve", "reject")},
    ),
    Kind(
        "dispute",
        {
            "dispute_id": "varchar",
            "metric_id": "varchar",
            "segment_key": "varchar",
            "activity_month": "date",
            "other_party": "varchar",
            "own_value": "decimal(28,6)",
            "other_value": "decimal(28,6)",
        },
        (*APPROVERS, "supply_chain", "customer_service"),
        "Two parties see a figure of a segment differently; both values stand until it is settled."
        " One row per dispute.",
    ),
    Kind(
        "dispute_settlement",
        {"dispute_id": "varchar", "settled_value": "decimal(28,6)"},
        ("segment_owner", "finance", "committee"),
        "A disputed figure is agreed upon. One row per settlement.",
    ),
    Kind(
        "failure_cause_override",
        {
            "order_id": "varchar",
            "line_no": "bigint",
            "schedule_no": "bigint",
            "cause_code": "varchar",
        },
        ("supply_chain", "sales", "segment_owner"),
        "Why a line was not kept is known better than the rules found; both stand. One row per"
        " verdict.",
    ),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (*_LIST, *IMPROVEMENT_KINDS)}


def kind_named(name: str) -> Kind:
    """Return a kind.

    Raises:
        UsageError: Nobody knows it; the known ones are listed.
    """
    if name not in KINDS:
        raise UsageError(
            f"There is no kind of decision '{name}'.",
            f"Known: {', '.join(KINDS)}.",
            "Use one of them, or add it to dagster_project/governance/kinds.py.",
        )
    return KINDS[name]


def validated(kind: Kind, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload as it is kept: every column, each value in its one JSON form.

    Decimals and dates become text, whole numbers and booleans stay, an optional column that was
    left out is null.

    Raises:
        UsageError: A column is unknown, missing or holds a value that is not of its type.
    """
    unknown = sorted(set(payload) - set(kind.columns))
    if unknown:
        raise UsageError(
            f"A decision of kind {kind.name} has no {', '.join(unknown)}.",
            f"Its columns are {', '.join(kind.columns)}.",
            "Leave the others out.",
        )
    kept: dict[str, Any] = {}
    for column, data_type in kind.columns.items():
        value = payload.get(column)
        if value is None or (isinstance(value, str) and not value.strip()):
            if column not in kind.optional:
                raise _bad(kind, column, "is missing", f"State {column} ({data_type}).")
            kept[column] = None
            continue
        kept[column] = _value(kind, column, data_type, value)
        allowed = kind.accepted.get(column)
        if allowed and kept[column] not in allowed:
            words = ", ".join(allowed)
            raise _bad(kind, column, f"is '{kept[column]}'", f"Use one of: {words}.")
    return kept


def arrow_type(data_type: str) -> pa.DataType:
    """Return the Arrow type of a payload column."""
    if found := DECIMAL.fullmatch(data_type):
        return pa.decimal128(int(found[1]), int(found[2]))
    plain = {
        "varchar": pa.string(),
        "bigint": pa.int64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
    }
    return plain[data_type]


def typed_value(data_type: str, value: Any) -> Any:
    """Return a kept payload value as a Python value of its type; null stays null."""
    if value is None:
        return None
    if data_type == "date":
        return date.fromisoformat(value)
    return Decimal(value) if DECIMAL.fullmatch(data_type) else value


def _value(kind: Kind, column: str, data_type: str, value: Any) -> Any:
    wrong = _bad(kind, column, f"is {value!r}", f"Give a value of type {data_type}.")
    if data_type == "varchar":
        if not isinstance(value, str):
            raise wrong
        return value.strip()
    if data_type == "date":
        text = value.isoformat() if type(value) is date else value
        try:
            return date.fromisoformat(text).isoformat()
        except (TypeError, ValueError):
            raise wrong from None
    if found := DECIMAL.fullmatch(data_type):
        return _decimal(value, int(found[1]), int(found[2]), wrong)
    if type(value) is not {"bigint": int, "boolean": bool}[data_type]:
        raise wrong
    return value


def _decimal(value: Any, precision: int, scale: int, wrong: UsageError) -> str:
    """The number with exactly ``scale`` decimals; a float is refused, it is not what was meant."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise wrong
    try:
        number = Decimal(value)
        kept = number.quantize(Decimal(1).scaleb(-scale))
    except InvalidOperation:
        raise wrong from None
    if kept != number or len(kept.as_tuple().digits) > precision:
        raise wrong
    return f"{kept + 0:f}"


def _bad(kind: Kind, column: str, found: str, fix: str) -> UsageError:
    return UsageError(
        f"The decision of kind {kind.name} cannot be kept.", f"Column {column} {found}.", fix
    )
