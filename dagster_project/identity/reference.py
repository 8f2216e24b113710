"""Code lists that folding needs, read from ``data/*.csv``. Add a row there, never a branch here."""

import csv
from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of ``data/<name>.csv`` as dictionaries of text."""
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def country_aliases() -> dict[str, str]:
    """Folded code or name of a country to its ISO 3166-1 alpha-2 code."""
    aliases = {row["country"].lower(): row["country"] for row in rows("countries")}
    for row in rows("countries"):
        aliases |= dict.fromkeys(row["alias"].split("|"), row["country"])
    return aliases


@cache
def legal_forms() -> dict[str, str]:
    """Folded legal form to its canonical form; initials also with spaces, as in ``s p a``."""
    forms: dict[str, str] = {}
    for row in rows("legal_forms"):
        form = row["form"]
        forms[form] = row["canonical"]
        if len(form) in (2, 3) and form.isascii() and form not in _WORDS:
            forms.setdefault(" ".join(form), row["canonical"])
    return forms


_WORDS = ("inc", "ltd", "pty", "and")


@cache
def street_words() -> dict[str, str]:
    """Abbreviation in an address to the word that it stands for."""
    return {row["short"]: row["long"] for row in rows("street_words")}


@cache
def tax_modules() -> dict[str, tuple[str, ...]]:
    """Country to the python-stdnum modules that can validate a tax number of an organisation."""
    modules: dict[str, tuple[str, ...]] = {}
    for row in rows("tax_numbers"):
        modules[row["country"]] = (*modules.get(row["country"], ()), row["module"])
    return modules
