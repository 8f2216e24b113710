"""Does everybody who has to agree to a version of a scheme agree?

Sign-offs are decisions of people (`tierline decide signoff`), kept in the decision store; a scheme
asks for them by ``needs_signoff`` in ``scheme_purpose.csv``.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from dagster_project.errors import RedError
from dagster_project.schemes.policy import PurposeRow

FUNCTIONS = ("supply_chain", "sales", "finance")
"""Functions that must all have signed."""


def signed_by(scheme: PurposeRow, signoffs: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the functions that agree to this version of a scheme; the newest word counts.

    Args:
        scheme: The scheme.
        signoffs: Rows with ``seq``, ``role``, ``scheme_id``, ``scheme_version``, ``verdict``.
    """
    newest: dict[str, str] = {}
    for row in sorted(signoffs, key=lambda one: int(one["seq"])):
        about = (row["scheme_id"], str(row["scheme_version"]))
        if about == (scheme.scheme_id, scheme.version):
            newest[str(row["role"])] = str(row["verdict"])
    return [name for name in FUNCTIONS if newest.get(name) == "approve"]


def signoff_state(scheme: PurposeRow, signoffs: Iterable[Mapping[str, Any]]) -> str:
    """Say in words who signed, and whether anybody had to."""
    signed = signed_by(scheme, signoffs)
    if signed:
        return f"signed by {', '.join(signed)}"
    return "not signed" if scheme.needs_signoff else "not asked for"


def check_signed(schemes: Iterable[PurposeRow], signoffs: Iterable[Mapping[str, Any]]) -> None:
    """Refuse an active scheme whose version is not signed by all functions.

    Raises:
        RedError: A signature is missing; names scheme, version, who is missing and the command.
    """
    rows = list(signoffs)
    for one in schemes:
        if one.status != "ACTIVE" or not one.needs_signoff:
            continue
        signed = signed_by(one, rows)
        missing = [name for name in FUNCTIONS if name not in signed]
        if missing:
            raise RedError(
                f"Scheme {one.scheme_id} may not be active in version {one.version}.",
                f"seeds/policy/scheme_purpose.csv, row {one.scheme_id}, column status: no sign-off"
                f" of version {one.version} by {', '.join(missing)}.",
                f"Let them sign: `tierline decide signoff {one.scheme_id} --scheme-version"
                f" {one.version} --role {missing[0]} …`, or set the status to DRAFT.",
            )
