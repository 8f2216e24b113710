"""What a score is worth: the rules that decide a pair before anyone merges anything.

Reads ``pair_scored`` (a scored candidate with its rule) and ``record``; every branch gives its
reason in words. The first rule that applies decides, so their order is the policy.
"""

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from dagster_project.identity.columns import EVIDENCE, EXCLUSIVE_IDS
from dagster_project.identity.comparisons import compared, evidence_from
from dagster_project.identity.fold import quoted

PAIRS = pa.schema(
    [
        ("left_id", pa.string()),
        ("right_id", pa.string()),
        ("match_weight", pa.float64()),
        ("match_probability", pa.float64()),
        ("rule", pa.string()),
        ("decision", pa.string()),
        ("reason", pa.string()),
        ("is_cut", pa.bool_()),
    ]
)
"""``rule``: verdict, named (by a source), an identifier, or model. ``decision``: auto, review or
apart. ``is_cut``: an automatic pair that would join records that must stay apart; a person judges
it."""


def decided(
    con: duckdb.DuckDBPyConnection,
    compared_kinds: Sequence[str],
    auto_threshold: float,
    review_threshold: float,
    merge_within: Sequence[str],
) -> None:
    """Create table ``decided``: ``PAIRS`` with ``left_place`` and ``right_place``.

    Pairs below the review threshold that neither an identifier nor a person links are left out.
    """
    columns = con.sql("select * from record limit 0").columns
    con.execute(f"""
        create table decided as
        with pair as (
            select pair_scored.*, {_kinds_of_evidence(compared_kinds)} as evidence,
                {_exclusive_conflict(columns)} as conflict,
                {_same_source(merge_within)} as is_same_source
            from pair_scored
            join record as one on one.place = pair_scored.left_place
            join record as other on other.place = pair_scored.right_place
        ),
        reasoned as (
            select pair.*, {_decision(columns, compared_kinds, auto_threshold)} as outcome
            from pair
            join record as one on one.place = pair.left_place
            join record as other on other.place = pair.right_place
            where verdict is not null or is_named or shared_id is not null
                or match_probability >= {float(review_threshold)}
        )
        select left_place, right_place, left_id, right_id, match_weight, match_probability,
            case when verdict is not null then 'verdict' when is_named then 'named'
                else coalesce(shared_id, 'model') end as rule,
            outcome[1] as decision, outcome[2] as reason
        from reasoned""")


def _decision(columns: Sequence[str], kinds: Sequence[str], auto_threshold: float) -> str:
    """A list of decision and reason; the first that applies."""
    branches = [
        ("verdict = 'different'", "'apart'", "'a person says different'"),
        (
            "verdict = 'same' and conflict is not null",
            "'review'",
            "'a person says same, but ' || conflict",
        ),
        ("verdict = 'same'", "'auto'", "'a person says same'"),
        (
            "is_named and conflict is not null",
            "'review'",
            f"{_NAMING} || ' names the other record, but ' || conflict",
        ),
        ("is_named", "'auto'", f"{_NAMING} || ' names the other record'"),
        ("conflict is not null", "'apart'", "conflict"),
        (
            "shared_id is not null and is_same_source",
            "'review'",
            "'the same ' || shared_id || ', but both are active in ' || one.source",
        ),
        ("shared_id is not null", "'auto'", "'the same valid ' || shared_id"),
        ("len(evidence) < 2", _UNDER_TWO, _TOO_LITTLE),
        *_name_branches(columns, kinds),
        ("is_same_source", "'review'", "'both are active in ' || one.source"),
        (
            f"match_probability >= {float(auto_threshold)}",
            "'auto'",
            "'agree on ' || array_to_string(evidence, ', ')",
        ),
    ]
    cases = " ".join(f"when {when} then [{what}, {why}]" for when, what, why in branches)
    return f"case {cases} else ['review', 'probability below the automatic threshold'] end"


_NAMING = "case when one.names_id = other.record_id then one.source else other.source end"

_UNDER_TWO = """case when evidence[1] in ('email', 'phone', 'birth date', 'identifier')
    then 'review' else 'apart' end"""
"""A name or an address alone says nothing; something rarer alone is for a person to judge."""

_TOO_LITTLE = """case when len(evidence) = 0 then 'nothing that identifies agrees'
    else 'only the ' || evidence[1] || ' agrees' end"""


def _name_branches(columns: Sequence[str], kinds: Sequence[str]) -> list[tuple[str, str, str]]:
    """Neighbours, households and sister companies: place agrees, but they have other names."""
    strong = "list_has_any(evidence, ['email', 'birth date', 'identifier'])"
    branches = []
    if "name" in kinds:
        branches += [
            (
                f"gamma_name = 0 and not {strong}",
                "'apart'",
                "'another name at the same place or phone'",
            ),
            ("gamma_name = 0", "'review'", "'another name'"),
            (
                f"gamma_name = 1 and not {strong} and not list_contains(evidence, 'phone')",
                "'review'",
                "'similar names, and only the place agrees'",
            ),
        ]
    if "legal_form" in columns:
        branches.append(
            ("one.legal_form <> other.legal_form", "'review'", "'legal forms differ'"),
        )
    if "street" in kinds:
        second_line = "gamma_address_line >= 1" if "address_line" in kinds else "false"
        branches.append(
            (
                f"gamma_street = 0 and not ({strong} or {second_line}"
                " or list_contains(evidence, 'phone'))",
                "'review'",
                "'another street'",
            ),
        )
    if {"city", "postcode"} <= set(kinds):
        others = [f"gamma_{kind} >= 1" for kind in ("address_line", "birth_date") if kind in kinds]
        speaks = " or ".join([strong, "list_contains(evidence, 'phone')", *others])
        branches.append(
            (
                f"gamma_city = 0 and gamma_postcode = 1 and not ({speaks})",
                "'review'",
                "'another town, and a postcode one digit off'",
            ),
        )
    if "given_name" in kinds:
        branches.append(
            (
                f"gamma_given_name = 0 and not {strong}",
                "'review'",
                "'another given name: a household, or one person with two'",
            ),
        )
    return branches


def _kinds_of_evidence(kinds: Sequence[str]) -> str:
    """A list of the independent kinds of evidence that the pair has."""
    conditions: dict[str, list[str]] = {}
    for each in compared(kinds):
        least = evidence_from(each)
        if each.kind in EVIDENCE and least is not None:
            agrees = _agrees(each.kind, least, kinds)
            conditions.setdefault(EVIDENCE[each.kind], []).append(agrees)
    found = [
        f"case when {' or '.join(of_kind)} then {quoted(name)} end"
        for name, of_kind in conditions.items()
    ]
    return (
        f"list_filter([{', '.join(found)}], lambda e: e is not null)" if found else "[]::varchar[]"
    )


def _agrees(kind: str, least: int, kinds: Sequence[str]) -> str:
    """When a column is evidence. Another house number, or another town, is another place."""
    agrees = f"gamma_{kind} >= {least}"
    if "street" not in kinds or kind not in ("street", "postcode"):
        return agrees
    second_line = " or gamma_address_line >= 1" if "address_line" in kinds else ""
    if kind == "postcode":
        return f"({agrees} and (gamma_street = -1 or gamma_house_number = 1{second_line}))"
    towns = [f"gamma_{town} = 0" for town in ("city", "postcode") if town in kinds]
    other_town = " and ".join(towns) or "false"
    return f"({agrees} and (gamma_house_number <> 0{second_line}) and not ({other_town}))"


def _exclusive_conflict(columns: Sequence[str]) -> str:
    cases = " ".join(
        f"when one.{kind} <> other.{kind} then 'two different valid {kind}'"
        for kind in EXCLUSIVE_IDS
        if kind in columns
    )
    return f"case {cases} end" if cases else "cast(null as varchar)"


def _same_source(merge_within: Sequence[str]) -> str:
    allowed = ", ".join(quoted(source) for source in merge_within) or "null"
    return f"""(one.source <> '' and one.source = other.source and one.is_active
        and other.is_active and coalesce(one.source not in ({allowed}), true))"""
