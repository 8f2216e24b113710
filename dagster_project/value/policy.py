"""The value policy: rows of ``seeds/policy/customer_value_rule.csv`` as typed rules.

Errors name the file, the row and the column, because their reader is a business owner.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from dagster_project.errors import UsageError

SHARES = ("renewal_probability_auto", "renewal_probability_open", "renewal_probability_fixed")


@dataclass(frozen=True)
class ValueRules:
    """How far lifetime value looks, what money loses, how likely contracts go on.

    Attributes:
        horizon_months: Months that count.
        monthly_discount: Share that money loses per month.
        renewal_probability_auto: Of a contract that renews by itself.
        renewal_probability_open: Of another one without an end.
        renewal_probability_fixed: Of one with an end.
        min_customers: Customers that a fit needs at least.
        max_correlation: Largest correlation of frequency and margin that the model bears.
    """

    horizon_months: int
    monthly_discount: float
    renewal_probability_auto: float
    renewal_probability_open: float
    renewal_probability_fixed: float
    min_customers: int
    max_correlation: float


def parse_rules(rows: Iterable[Mapping[str, Any]]) -> ValueRules:
    """Return the rules.

    Raises:
        UsageError: A rule is missing, stands there twice, is no number or outside its range.
    """
    found: dict[str, float] = {}
    known = {each.name for each in fields(ValueRules)}
    for row in rows:
        name = str(row.get("rule_name"))
        if name not in known:
            raise _wrong(name, "rule_name", "is no rule", name)
        if name in found:
            raise _wrong(name, "rule_name", "stands there twice", name)
        found[name] = _number(name, row.get("rule_value"))
    for name in sorted(known - set(found)):
        raise _wrong(name, "rule_name", "expected a row", None)
    return ValueRules(
        horizon_months=int(found.pop("horizon_months")),
        min_customers=int(found.pop("min_customers")),
        **found,
    )


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise _wrong(name, "rule_value", "expected a number", value) from error
    highest = 1.0 if name in SHARES or name in ("monthly_discount", "max_correlation") else 1e6
    if not 0 <= number <= highest:
        raise _wrong(name, "rule_value", f"expected a number from 0 to {highest:g}", value)
    if name in ("horizon_months", "min_customers") and (number < 1 or number != int(number)):
        raise _wrong(name, "rule_value", "expected a whole number from 1", value)
    return number


def _wrong(name: str, column: str, why: str, value: Any) -> UsageError:
    return UsageError(
        "The value policy is not usable.",
        f"seeds/policy/customer_value_rule.csv, row {name}, column {column}: {why},"
        f" found {value!r}.",
        "Correct the row and build again.",
    )
