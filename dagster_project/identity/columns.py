"""What a column of a record can be, and how a caller declares it.

Add a kind here, its folding in ``standardise``, its comparison in ``comparisons`` and, where it
is selective, a blocking rule in ``blocking``. Everything else is derived from the declaration.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dagster_project.errors import UsageError

EXCLUSIVE_IDS = ("tax_id", "vat_id", "lei")
"""Identify one legal entity: two records with different valid ones are never one customer."""

DETERMINISTIC_IDS = ("vat_id", "tax_id", "lei", "gln")
"""Two records that share a valid one are the same customer, strongest first."""

EVIDENCE = {
    "name": "name",
    "given_name": "name",
    "surname": "name",
    "street": "place",
    "postcode": "place",
    "phone": "phone",
    "email": "email",
    "birth_date": "birth date",
    "identifier": "identifier",
    "duns": "identifier",
}
"""Kinds of column that can identify, by the independent kind of evidence that they give.

A city, a region or a country says where, never who: they move the weight and are no evidence.
"""

KINDS = (
    *DETERMINISTIC_IDS,
    *EVIDENCE,
    "house_number",
    "address_line",
    "city",
    "region",
    "country",
)


@dataclass(frozen=True)
class MatchColumns:
    """Which column of the records is of which kind.

    Args:
        id: Column with the unique id of a record; read as text.
        kinds: Column name to kind, one of ``KINDS``, each kind at most once. ``name`` is the name
            of an organisation or a whole name; ``given_name`` and ``surname`` are a person's.
            ``identifier`` is a number that is not validated and may carry a typing error.
        source: Column that names the source system of a record, if there are several.
        active: Boolean column, false where the record is closed in its source.
        names: Column with the id of another record that the source itself says is the same.

    Raises:
        UsageError: Unknown kind, kind declared twice, or no kind at all.
    """

    id: str
    kinds: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    active: str | None = None
    names: str | None = None

    def __post_init__(self) -> None:
        kinds = list(self.kinds.values())
        unknown = sorted(set(kinds) - set(KINDS))
        if unknown:
            raise UsageError(
                f"Unknown kind of column {', '.join(unknown)}.",
                "A kind says how values are folded and compared.",
                f"Choose from {', '.join(sorted(KINDS))}.",
            )
        twice = sorted({kind for kind in kinds if kinds.count(kind) > 1})
        if twice or not kinds:
            raise UsageError(
                f"Declare each kind once: {', '.join(twice) or 'none is declared'}.",
                "A second column of a kind has no comparison of its own.",
                "Leave one out, or declare it as address_line or identifier.",
            )
