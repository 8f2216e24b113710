"""Conditions on attributes, as a small part of SQL: ``country_code = 'DE' and order_count >= 3``.

sqlglot parses; what is allowed is a list of attributes and a list of constructs, so a scope can
name nothing else and call nothing. Unknown values follow SQL: a comparison with null is neither
true nor false, and a customer is in scope where the whole condition is true.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

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
    condition: Callable[[Attributes], Truth] | None = field(default=None, compare=False)

    def holds(self, attributes: Attributes, count: int) -> BoolArray:
        """Return where the condition is true.

        Args:
            attributes: One array per attribute, of ``count`` customers.
            count: Number of customers.

        Raises:
            KeyError: An attribute that the scope names was not handed over.
        """
        if self.condition is None:
            return np.ones(count, dtype=bool)
        return self.condition(attributes)[0]


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
    words = _check(tree, allowed)
    return Scope(text, tree, frozenset(names), words, _condition(tree))


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


def _condition(node: exp.Expr) -> Callable[[Attributes], Truth]:
    """Turn a checked condition into a function, so that a rule is read once and asked often."""
    if isinstance(node, exp.Paren):
        return _condition(node.this)
    if isinstance(node, exp.Not):
        inner = _condition(node.this)
        return lambda given: inner(given)[::-1]
    if isinstance(node, (exp.And, exp.Or)):
        left, right = _condition(node.left), _condition(node.right)
        return _both(left, right) if isinstance(node, exp.And) else _either(left, right)
    if isinstance(node, exp.Is):
        return _is_null(node.this.name)
    column = next(part for part in _operands(node) if isinstance(part, exp.Column))
    texts = {part.name for part in _operands(node) if _is_text(part)}
    if texts:
        return _text_condition(column.name, texts, isinstance(node, exp.NEQ))
    return _number_condition(node)


def _is_text(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and node.is_string


def _both(
    left: Callable[[Attributes], Truth], right: Callable[[Attributes], Truth]
) -> Callable[[Attributes], Truth]:
    def truth(given: Attributes) -> Truth:
        a, b = left(given), right(given)
        return a[0] & b[0], a[1] | b[1]

    return truth


def _either(
    left: Callable[[Attributes], Truth], right: Callable[[Attributes], Truth]
) -> Callable[[Attributes], Truth]:
    def truth(given: Attributes) -> Truth:
        a, b = left(given), right(given)
        return a[0] | b[0], a[1] & b[1]

    return truth


def _is_null(name: str) -> Callable[[Attributes], Truth]:
    def truth(given: Attributes) -> Truth:
        values = given[name]
        null = values.codes < 0 if isinstance(values, Words) else np.isnan(values)
        return null, ~null

    return truth


def _text_condition(name: str, texts: set[str], is_other: bool) -> Callable[[Attributes], Truth]:
    def truth(given: Attributes) -> Truth:
        values = given[name]
        assert isinstance(values, Words)
        # The last element is for null, whose code is -1.
        wanted = np.array([*(word in texts for word in values.words), False])
        hit, known = wanted[values.codes], values.codes >= 0
        if is_other:
            hit = ~hit
        return hit & known, ~hit & known

    return truth


def _number_condition(node: exp.Expr) -> Callable[[Attributes], Truth]:
    parts = [_number(part) for part in _operands(node)]

    def truth(given: Attributes) -> Truth:
        values = [given[part] if isinstance(part, str) else part for part in parts]
        known = ~np.isnan(values[0])  # type: ignore[arg-type]
        for value in values[1:]:
            known = known & ~np.isnan(value)  # type: ignore[arg-type]
        if isinstance(node, exp.In):
            hit = values[0] == values[1]
            for value in values[2:]:
                hit = hit | (values[0] == value)
        elif isinstance(node, exp.Between):
            hit = (values[0] >= values[1]) & (values[0] <= values[2])  # type: ignore[operator]
        else:
            hit = _COMPARISONS[type(node)](*values)
        return hit & known, ~hit & known

    return truth


def _number(node: exp.Expr) -> str | np.float64:
    """The name of an attribute, or a constant."""
    return node.name if isinstance(node, exp.Column) else np.float64(node.sql())
