"""How two records are compared, kind by kind: levels of agreement for the Fellegi-Sunter model.

Each level has a starting m (how often records of one customer fall there) and u (how often records
of two customers do). They hold as they are where data are too few to learn from; otherwise u is
counted on random pairs and m is learnt by EM (Fellegi and Sunter 1969; Winkler 2002 for similar
strings). The order of levels is from agreement to disagreement, the last one catches the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Level:
    """One level: what agrees in words, when (SQL), starting m and u.

    ``is_evidence``: a pair at this level has evidence of this kind of column.
    """

    words: str
    when: str
    m: float
    u: float
    is_evidence: bool = False
    needs: str | None = None


@dataclass(frozen=True)
class Compared:
    """Levels of one kind of column. ``by_frequency``: sharing a rare value counts for more."""

    kind: str
    levels: tuple[Level, ...]
    by_frequency: bool = False


def _same(kind: str, m: float, u: float, evidence: bool = True) -> Level:
    return Level("the same", f"{kind}_l = {kind}_r", m, u, evidence)


def _alike(kind: str, least: float, m: float, u: float, evidence: bool = True) -> Level:
    words = "almost the same" if least >= 0.9 else "similar"
    when = f"jaro_winkler_similarity({kind}_l, {kind}_r) >= {least}"
    return Level(words, when, m, u, evidence)


def _typing_errors(kind: str, errors: int, m: float, u: float, evidence: bool = True) -> Level:
    words = "one typing error apart" if errors == 1 else f"{errors} typing errors apart"
    return Level(words, f"damerau_levenshtein({kind}_l, {kind}_r) <= {errors}", m, u, evidence)


def _other(m: float, u: float) -> Level:
    return Level("different", "ELSE", m, u)


def _name_alike(least: float, m: float, u: float) -> Level:
    """Names that differ in a number are different companies, however alike they look."""
    level = _alike("name", least, m, u)
    one_letter = (
        "(least(length(name_l), length(name_r)) >= 8 and damerau_levenshtein(name_l, name_r) <= 1)"
    )
    when = f"({level.when} or {one_letter})" if least >= 0.9 else level.when
    return Level(level.words, f"{when} and name_number_l = name_number_r", m, u, True)


_SAME_WORDS = Level("the same words in another order", "name_key_l = name_key_r", 0.05, 2e-5, True)


def _swapped(this: str, other: str) -> Level:
    return Level(
        "given name and surname swapped",
        f"{this}_l = {other}_r and {other}_l = {this}_r",
        0.02,
        1e-5,
        True,
        other,
    )


_LAST_SEVEN = Level(
    "the same last seven digits", "right(phone_l, 7) = right(phone_r, 7)", 0.05, 1e-5, True
)
_ROLES = "'info', 'sales', 'office', 'contact', 'mail', 'admin', 'post', 'kontakt', 'service'"
_SAME_BOX = Level(
    "the same before the @",
    "split_part(email_l, '@', 1) = split_part(email_r, '@', 1)"
    f" and split_part(email_l, '@', 1) not in ({_ROLES})",
    0.05,
    2e-5,
    True,
)
"""Every company writes from ``info@``: a role before the @ says nothing."""

COMPARISONS = (
    Compared(
        "name",
        (
            _same("name", 0.72, 2e-4),
            _SAME_WORDS,
            _name_alike(0.95, 0.1, 1e-4),
            _name_alike(0.88, 0.08, 1e-3),
            _other(0.05, 0.9987),
        ),
        by_frequency=True,
    ),
    Compared(
        "given_name",
        (
            _same("given_name", 0.75, 0.01),
            _swapped("given_name", "surname"),
            _alike("given_name", 0.9, 0.1, 0.005),
            _alike("given_name", 0.8, 0.05, 0.02),
            _other(0.08, 0.965),
        ),
        by_frequency=True,
    ),
    Compared(
        "surname",
        (
            _same("surname", 0.8, 0.003),
            _swapped("surname", "given_name"),
            _alike("surname", 0.9, 0.1, 0.003),
            _alike("surname", 0.8, 0.03, 0.01),
            _other(0.05, 0.984),
        ),
        by_frequency=True,
    ),
    Compared(
        "birth_date",
        (
            _same("birth_date", 0.85, 5e-5),
            _typing_errors("birth_date", 1, 0.1, 2e-3),
            _typing_errors("birth_date", 2, 0.02, 0.02, evidence=False),
            _other(0.03, 0.978),
        ),
    ),
    Compared(
        "street",
        (
            _same("street", 0.75, 1e-3),
            _alike("street", 0.95, 0.07, 1e-3),
            _alike("street", 0.85, 0.06, 0.01),
            _other(0.12, 0.988),
        ),
        by_frequency=True,
    ),
    Compared(
        "house_number", (_same("house_number", 0.85, 0.03, evidence=False), _other(0.15, 0.97))
    ),
    Compared(
        "address_line",
        (
            _same("address_line", 0.6, 2e-3, evidence=False),
            _alike("address_line", 0.9, 0.15, 2e-3, evidence=False),
            _other(0.25, 0.996),
        ),
        by_frequency=True,
    ),
    Compared(
        "city",
        (
            _same("city", 0.85, 0.02, evidence=False),
            _alike("city", 0.9, 0.06, 2e-3, evidence=False),
            _other(0.09, 0.978),
        ),
        by_frequency=True,
    ),
    Compared(
        "postcode",
        (
            _same("postcode", 0.85, 3e-3),
            _typing_errors("postcode", 1, 0.07, 5e-3, evidence=False),
            _other(0.08, 0.992),
        ),
        by_frequency=True,
    ),
    Compared("region", (_same("region", 0.93, 0.15, evidence=False), _other(0.07, 0.85))),
    Compared("country", (_same("country", 0.97, 0.2, evidence=False), _other(0.03, 0.8))),
    Compared(
        "phone",
        (
            _same("phone", 0.75, 3e-5),
            _LAST_SEVEN,
            _typing_errors("phone", 1, 0.05, 3e-5),
            _other(0.15, 0.9999),
        ),
    ),
    Compared(
        "email",
        (
            _same("email", 0.75, 3e-5),
            _SAME_BOX,
            _typing_errors("email", 2, 0.05, 1e-4),
            _other(0.15, 0.9998),
        ),
    ),
    Compared(
        "identifier",
        (
            _same("identifier", 0.85, 1e-5),
            _typing_errors("identifier", 1, 0.08, 5e-5),
            _typing_errors("identifier", 2, 0.02, 1e-3, evidence=False),
            _other(0.05, 0.9989),
        ),
    ),
    Compared("duns", (_same("duns", 0.9, 1e-5), _other(0.1, 0.99999))),
)
"""GLN, tax and VAT numbers and LEI are rules, not comparisons: they prove, or forbid."""


def compared(kinds: Sequence[str]) -> tuple[Compared, ...]:
    """Return the comparisons for the columns at hand, without levels that need another one."""
    return tuple(
        Compared(
            each.kind,
            tuple(level for level in each.levels if level.needs in (None, *kinds)),
            each.by_frequency,
        )
        for each in COMPARISONS
        if each.kind in kinds
    )


def splink_settings(kinds: Sequence[str], by_frequency: bool) -> dict[str, Any]:
    """Return Splink settings with the starting m and u.

    Args:
        kinds: Columns at hand.
        by_frequency: Weigh an agreement by how common the value is; wrong on a few records.
    """
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record_id",
        "linker_uid": "identity",
        "comparisons": [_comparison(each, by_frequency) for each in compared(kinds)],
        "blocking_rules_to_generate_predictions": [{"blocking_rule": "l.record_id = r.record_id"}],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
    }


def _comparison(each: Compared, by_frequency: bool) -> dict[str, Any]:
    null = {
        "sql_condition": f"{each.kind}_l is null or {each.kind}_r is null",
        "label_for_charts": "missing",
        "is_null_level": True,
    }
    levels = [null] + [
        {
            "sql_condition": level.when,
            "label_for_charts": level.words,
            "m_probability": level.m,
            "u_probability": level.u,
        }
        for level in each.levels
    ]
    if each.by_frequency and by_frequency:
        levels[1] |= {"tf_adjustment_column": each.kind, "tf_minimum_u_value": RAREST}
    return {"output_column_name": each.kind, "comparison_levels": levels}


RAREST = 1e-5
"""A value seen once in a million says no more than one seen once in a hundred thousand."""


def evidence_from(each: Compared) -> int | None:
    """The lowest comparison vector value that is evidence; null if no level is.

    Splink numbers the levels from the last, 0, upwards; -1 is a missing value.
    """
    numbers = [
        len(each.levels) - 1 - place for place, level in enumerate(each.levels) if level.is_evidence
    ]
    return min(numbers) if numbers else None
