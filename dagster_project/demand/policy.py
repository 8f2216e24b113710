"""The demand policy: rows of ``seeds/policy/demand_class_rule.csv`` as typed limits.

Errors name the file, the row and the column, because their reader is a business owner.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from dagster_project.demand.classes import Limits
from dagster_project.errors import UsageError

SEED_NAMES = {"adi": "adi_limit", "cv2": "cv2_limit"}
"""Limits whose name in the seed differs from the field's."""


def parse_limits(rows: Iterable[Mapping[str, Any]]) -> Limits:
    """Return the limits of the classes; rows of other limits are left to the models.

    Args:
        rows: Rows with ``limit_name`` and ``limit_value``.

    Raises:
        UsageError: A limit is missing, stands there twice, or is not a number above zero.
    """
    found: dict[str, float] = {}
    for row in rows:
        name = str(row.get("limit_name"))
        if name in found:
            raise _wrong(name, "limit_name", "stands there twice", name)
        found[name] = _number(name, row.get("limit_value"))
    values: dict[str, Any] = {}
    for limit in fields(Limits):
        name = SEED_NAMES.get(limit.name, limit.name)
        if name not in found:
            raise _wrong(name, "limit_name", "expected a row", None)
        values[limit.name] = limit.type(found[name]) if callable(limit.type) else found[name]
    return Limits(**values)


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise _wrong(name, "limit_value", "expected a number", value) from error
    if not 0 < number < float("inf"):
        raise _wrong(name, "limit_value", "expected a number above zero", value)
    return number


def _wrong(name: str, column: str, why: str, value: Any) -> UsageError:
    return UsageError(
        "The demand policy is not usable.",
        f"seeds/policy/demand_class_rule.csv, row {name}, column {column}: {why}, found {value!r}.",
        "Correct the row and build again.",
    )
