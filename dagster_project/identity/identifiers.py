"""Identifiers that carry their own proof: VAT and tax numbers, LEI, GLN, D-U-N-S.

Formats and check digits are those of python-stdnum (VAT: the rules of each tax authority; LEI:
ISO 17442 with ISO 7064 mod 97-10; GLN and GTIN: GS1 mod 10). D-U-N-S numbers have had no check
digit since 2006, so only their shape is judged. An invalid number becomes null with a reason.
"""

import re
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

from dagster_project.identity.reference import tax_modules

Judged = tuple[str | None, str | None]
"""The number as it is compared, or null with the reason."""


def judge(kind: str, value: str, country: str | None) -> Judged:
    """Return the comparable form of an identifier, or null and why it is not valid.

    Args:
        kind: One of ``vat_id``, ``tax_id``, ``lei``, ``gln``, ``duns``.
        value: The number as written.
        country: ISO 3166-1 alpha-2 code; decides the rule of a tax number, and of a VAT number
            without a prefix.
    """
    if _is_placeholder(value):
        return None, "placeholder"
    return _JUDGES[kind](value, country)


def gs1_check_digit(digits: str) -> str:
    """Return the check digit of a GTIN or GLN without it (GS1 general specifications, mod 10)."""
    from stdnum import ean

    return ean.calc_check_digit(digits)


def _is_placeholder(value: str) -> bool:
    digits = re.sub(r"\D", "", value)
    return len(digits) >= 5 and len(set(digits)) == 1


def _vat(value: str, country: str | None) -> Judged:
    from stdnum.exceptions import ValidationError

    number = _plain(value)
    prefix = {"EL": "GR", "XI": "GB"}.get(number[:2], number[:2])
    for code in dict.fromkeys((prefix, country)):
        module = _module(code, "vat")
        if module is None:
            continue
        try:
            compact = str(module.validate(number))
        except ValidationError as error:
            reason = f"VAT number of {code}: {_words(error)}"
            continue
        return f"{code}:{_without_prefix(compact, str(code))}", None
    if not _module(prefix, "vat") and not _module(country, "vat"):
        return None, "no VAT rule for the country" if country else "country unknown"
    return None, reason


def _tax(value: str, country: str | None) -> Judged:
    from stdnum.exceptions import ValidationError

    if country is None:
        return None, "country unknown"
    names = tax_modules().get(country)
    if names is None:
        return None, f"no tax number rule for {country}"
    reason = ""
    for name in names:
        module = _module(country, name)
        try:
            number = str(module.validate(_plain(value))) if module else ""
        except ValidationError as error:
            reason = reason or f"tax number of {country}: {_words(error)}"
            continue
        if number:
            return f"{country}:{_enterprise(country, name, number)}", None
    return None, reason


def _enterprise(country: str, name: str, number: str) -> str:
    """France writes one enterprise three ways; the SIREN is in each of them."""
    number = _without_prefix(number, country)
    if country == "FR":
        return number[-9:] if name == "tva" else number[:9]
    return number


def _lei(value: str, _country: str | None) -> Judged:
    from stdnum import lei

    return _checked(lei, value)


def _gln(value: str, _country: str | None) -> Judged:
    from stdnum import ean

    number = re.sub(r"\D", "", value)
    return _checked(ean, number) if len(number) == 13 else (None, "a GLN has 13 digits")


def _duns(value: str, _country: str | None) -> Judged:
    number = re.sub(r"\D", "", value)
    return (number, None) if len(number) == 9 else (None, "a D-U-N-S number has 9 digits")


def _checked(module: ModuleType, value: str) -> Judged:
    from stdnum.exceptions import ValidationError

    try:
        return str(module.validate(_plain(value))), None
    except ValidationError as error:
        return None, _words(error)


@cache
def _module(country: str | None, name: str) -> Any:
    from stdnum import get_cc_module

    return get_cc_module(country.lower(), name) if country and country.isalpha() else None


def _plain(value: str) -> str:
    return re.sub(r"[^0-9A-Za-zÑñ&]", "", value).upper()


def _without_prefix(number: str, country: str) -> str:
    prefix = {"GR": "EL", "CH": "CHE"}.get(country, country)
    return number.removeprefix(prefix)


def _words(error: Exception) -> str:
    return str(error).rstrip(".").lower()


_JUDGES: dict[str, Callable[[str, str | None], Judged]] = {
    "vat_id": _vat,
    "tax_id": _tax,
    "lei": _lei,
    "gln": _gln,
    "duns": _duns,
}
