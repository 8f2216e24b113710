"""What a kind of decision is; which there are belongs in ``kinds``."""

from collections.abc import Mapping
from dataclasses import dataclass, field

RULE_ROLE = "rule"
"""Role in which a rule asks for something; no person can act in it."""


@dataclass(frozen=True)
class Kind:
    """What one kind of decision says.

    Attributes:
        name: Name of the kind and of its table in schema ``decisions``.
        columns: Payload columns with their SQL types: varchar, bigint, boolean, date or
            decimal(p,s).
        roles: Roles that may take such a decision.
        description: What it means; ends with its grain.
        optional: Columns that may be left out; all others must have a value.
        accepted: For some columns, the only values that they may have.
    """

    name: str
    columns: Mapping[str, str]
    roles: tuple[str, ...]
    description: str
    optional: frozenset[str] = frozenset()
    accepted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
