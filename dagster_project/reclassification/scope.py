"""Conditions on attributes, as a small part of SQL: ``country_code = 'DE' and order_count >= 3``.

sqlglot parses; what is allowed is a list of attributes and a list of constructs, so a scope can
name nothing else and call nothing. Unknown values follow SQL: a comparison with null is neither
true nor false, and a customer is in scope where the whole condition is true.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import sqlglot
from sqlglot import exp

from dagster_project.reclassification.vocabulary import NUMBER, TEXT
from dagster_project.segmentation.scores import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Words:
    """A text attribute: one code per customer into ``words``; -1 is null."""

    codes: IntArray
    words: tuple[str, ...]


Attributes = Mapping[str, FloatArray | Words]
Truth = tuple[BoolArray, BoolArray]
"""Where a condition is true, and where it is false; unknown where neither."""


class ScopeError(ValueError):
    """A scope that may not be used; ``kind`` is the name of the mistake."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.kind = kind


_COMPARISONS: dict[type, Callable] = {
    exp.EQ: np.equal,
    exp.NEQ: np.not_equal,
    exp.LT: np.less,
    exp.LTE: np.less_equal,
    exp.GT: np.greater,
    exp.GTE: np.greater_equal,
}
_ALLOWED = (
    *_COMPARISONS,
    exp.And,
    exp.Or,
    exp.Not,
    exp.Paren,
    exp.In,
    exp.Between,
    exp.Is,
    exp.Null,
    exp.Column,
    exp.Identifier,
    exp.Literal,
    exp.Neg,
)


@dataclass(frozen=True)
class Scope:
    """A checked condition; an empty text holds for everybody."""

    text: str
    tree: exp.Expr | None
    names: frozenset[str]
    words: Mapping[str, frozenset[str]]
    """The texts that each attribute is compared with."""

    def holds(self, attributes: Attributes, count: int) -> BoolArray:
        """Return where the condition is true.

        Args:
            attributes: One array per attribute, of ``count`` customers.
            count: Number of customers.

        Raises:
            KeyError: An attribute that the scope names was not handed over.
        """
        if self.tree is None:
            return np.ones(count, dtype=bool)
        return _truth(self.tree, attributes)[0]


def parse_scope(text: str, allowed: Mapping[str, str]) -> Scope:
    """Parse a condition over the allowed attributes (name to ``NUMBER`` or ``TEXT``).

    Raises:
        ScopeError: Not SQL, a name or construct that is not allowed, or text against number.
    """
    if not text.strip():
        return Scope("", None, frozenset(), {})
    try:
        tree = sqlglot.parse_one(f"select 1 where {text}", read="duckdb").args["where"].this
    except (sqlglot.errors.SqlglotError, KeyError, AttributeError) as error:
        raise ScopeError("scope_unreadable", str(error).splitlines()[0]) from error
    whole = sqlglot.parse_one(f"select 1 where {text}", read="duckdb")
    extra = [name for name, part in whole.args.items() if part and name not in _SELECT_PARTS]
    if extra:
        raise ScopeError("scope_construct", f"{extra[0]} is no condition")
    for node in tree.walk():
        if not isinstance(node, _ALLOWED):
            raise ScopeError("scope_construct", f"{type(node).__name__} is not allowed in a scope")
    names = {column.name for column in tree.find_all(exp.Column)}
    unknown = sorted(names - set(allowed))
    if unknown:
        known = ", ".join(sorted(allowed))
        raise ScopeError("scope_column", f"{unknown[0]} is not one of {known}")
    if any(column.table for column in tree.find_all(exp.Column)):
        raise ScopeError("scope_construct", "an attribute has no table name")
    return Scope(text, tree, frozenset(names), _check(tree, allowed))


_SELECT_PARTS = {"expressions", "where", "kind", "hint", "distinct", "operation_modifiers"}


def _check(tree: exp.Expr, allowed: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Every comparison is between values of one type; return the texts by attribute."""
    words: dict[str, set[str]] = {}
    _need_condition(tree)
    for node in tree.find_all(*_COMPARISONS, exp.In, exp.Between):
        parts = _operands(node)
        kinds = {_kind(part, allowed) for part in parts}
        if len(kinds) != 1:
            raise ScopeError("scope_types", f"{node.sql()} compares a text with a number")
        columns = [part.name for part in parts if isinstance(part, exp.Column)]
        if not columns:
            raise ScopeError("scope_construct", f"{node.sql()} names no attribute")
        if kinds == {TEXT}:
            if not isinstance(node, (exp.EQ, exp.NEQ, exp.In)) or len(columns) > 1:
                raise ScopeError("scope_types", f"{node.sql()}: texts are compared by = and in")
            texts = {part.name for part in parts if isinstance(part, exp.Literal)}
            words.setdefault(columns[0], set()).update(texts)
    return {name: frozenset(texts) for name, texts in words.items()}


def _need_condition(node: exp.Expr) -> None:
    if isinstance(node, (exp.And, exp.Or)):
        _need_condition(node.left)
        _need_condition(node.right)
    elif isinstance(node, (exp.Not, exp.Paren)):
        _need_condition(node.this)
    elif isinstance(node, exp.Is):
        if not isinstance(node.this, exp.Column) or not isinstance(node.expression, exp.Null):
            raise ScopeError("scope_construct", f"{node.sql()}: only `attribute is null` is known")
    elif not isinstance(node, (*_COMPARISONS, exp.In, exp.Between)):
        raise ScopeError("scope_construct", f"{node.sql()} is not a condition")


def _operands(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.In):
        return [node.this, *node.expressions]
    if isinstance(node, exp.Between):
        return [node.this, node.args["low"], node.args["high"]]
    return [node.this, node.expression]


def _kind(node: exp.Expr, allowed: Mapping[str, str]) -> str:
    if isinstance(node, exp.Column):
        return allowed[node.name]
    if isinstance(node, exp.Literal):
        return TEXT if node.is_string else NUMBER
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal):
        return NUMBER
    raise ScopeError("scope_construct", f"{node.sql()} is neither attribute nor constant")


def _truth(node: exp.Expr, given: Attributes) -> Truth:
    if isinstance(node, exp.Paren):
        return _truth(node.this, given)
    if isinstance(node, exp.Not):
        true, false = _truth(node.this, given)
        return false, true
    if isinstance(node, exp.And):
        a, b = _truth(node.left, given), _truth(node.right, given)
        return a[0] & b[0], a[1] | b[1]
    if isinstance(node, exp.Or):
        a, b = _truth(node.left, given), _truth(node.right, given)
        return a[0] | b[0], a[1] & b[1]
    if isinstance(node, exp.Is):
        values = given[node.this.name]
        null = values.codes < 0 if isinstance(values, Words) else np.isnan(values)
        return null, ~null
    return _compared(node, given)


def _compared(node: exp.Expr, given: Attributes) -> Truth:
    column = next(part for part in _operands(node) if isinstance(part, exp.Column))
    values = given[column.name]
    if isinstance(values, Words):
        texts = {part.name for part in _operands(node) if isinstance(part, exp.Literal)}
        wanted = [place for place, word in enumerate(values.words) if word in texts]
        hit, known = np.isin(values.codes, wanted), values.codes >= 0
        if isinstance(node, exp.NEQ):
            hit = ~hit
    else:
        parts = [_number(part, given) for part in _operands(node)]
        known = ~np.isnan(values)
        for part in parts:
            known = known & ~np.isnan(part)
        if isinstance(node, exp.In):
            hit = np.zeros(len(values), dtype=bool)
            for part in parts[1:]:
                hit = hit | (parts[0] == part)
        elif isinstance(node, exp.Between):
            hit = (parts[0] >= parts[1]) & (parts[0] <= parts[2])
        else:
            hit = _COMPARISONS[type(node)](*parts)
    return hit & known, ~hit & known


def _number(node: exp.Expr, given: Attributes) -> FloatArray:
    if isinstance(node, exp.Column):
        return np.asarray(given[node.name], dtype=np.float64)
    return np.float64(node.sql())  # type: ignore[return-value]
