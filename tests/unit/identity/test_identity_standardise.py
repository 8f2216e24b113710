"""Spellings of one thing fold to one form; what cannot be trusted is null, with a reason."""

import pyarrow as pa
import pytest

from dagster_project.errors import UsageError
from dagster_project.identity.columns import MatchColumns
from dagster_project.identity.standardise import standardise


def fold(kind, *values, country=None):
    """Fold values as one kind; returns records and reasons by record."""
    ids = [str(number) for number in range(len(values))]
    records = pa.table(
        {"id": ids, "value": pa.array(values, pa.string()), "land": [country] * len(values)}
    )
    kinds = {"value": kind, "land": "country"} if country else {"value": kind}
    done = standardise(records, MatchColumns("id", kinds))
    reasons = {row["record_id"]: row["reason"] for row in done.rejected.to_pylist()}
    return done.records.to_pylist(), reasons


@pytest.mark.parametrize(
    ("written", "name", "form"),
    [
        ("Müller & Söhne GmbH & Co. KG", "muller and sohne", "gmbh co kg"),
        ("ACME S.p.A.", "acme", "spa"),
        ("Acme, Inc.", "acme", "inc"),
        ("Acme Limited", "acme", "ltd"),
        ("Acme LLC", "acme", "llc"),
        ("Acme S. A.", "acme", "sa"),
        ("Acme SARL", "acme", "sarl"),
        ("Novo A/S", "novo", "as"),
        ("Nokia Oyj", "nokia", "oy"),
        ("Volvo AB (publ)", "volvo", "ab"),
        ("Toyota K.K.", "toyota", "kk"),
        ("株式会社トヨタ", "株式会社トヨタ", None),
        ("トヨタ株式会社", "トヨタ", "kk"),
        ("O'Neill's B.V.", "oneills", "bv"),
        ("GmbH", "gmbh", None),
        ("Газпром", "газпром", None),
    ],
)
def test_a_name_is_folded_and_loses_its_legal_form(written, name, form):
    [record], _ = fold("name", written)
    assert (record["name"], record["legal_form"]) == (name, form)


@pytest.mark.parametrize(
    ("written", "street", "number"),
    [
        ("Hauptstr. 12a", "haupt street", "12a"),
        ("Hauptstraße 12 a", "haupt street", "12a"),
        ("12 Main St.", "main street", "12"),
        ("12 main street", "main street", "12"),
        ("5th Avenue", "5th avenue", None),
        ("Wishing Expy", "wishing expressway", None),
    ],
)
def test_a_street_is_written_out_and_parted_from_its_number(written, street, number):
    [record], _ = fold("street", written)
    assert (record["street"], record["house_number"]) == (street, number)


@pytest.mark.parametrize(
    ("written", "country", "phone"),
    [
        ("030 123 456", "DE", "+4930123456"),
        ("+49 (0)30 123456", None, "+4930123456"),
        ("0049 30 123456", "DE", "+4930123456"),
        ("06 1234567", "Italia", "+39061234567"),
        ("(212) 555-1234", "US", "+12125551234"),
        ("1-212-555-1234", "USA", "+12125551234"),
        ("212 555 1234", None, "2125551234"),
        ("0000000", "DE", None),
        ("123", "DE", None),
    ],
)
def test_a_phone_is_e164_where_the_country_is_known(written, country, phone):
    [record], reasons = fold("phone", written, country=country)
    assert record["phone"] == phone
    assert bool(reasons) == (phone is None)


def test_a_postcode_survives_a_spreadsheet():
    records, _ = fold("postcode", "00725", "725.0", "w1a 1aa")
    assert [record["postcode"] for record in records] == ["725", "725", "W1A1AA"]


@pytest.mark.parametrize(
    ("kind", "written", "country", "number"),
    [
        ("vat_id", "DE 136 695 976", None, "DE:136695976"),
        ("vat_id", "136695976", "Germany", "DE:136695976"),
        ("vat_id", "EL094259216", None, "GR:094259216"),
        ("tax_id", "91-1144442", "US", "US:911144442"),
        ("tax_id", "FR 40303265045", "FR", "FR:303265045"),
        ("tax_id", "303 265 045", "FR", "FR:303265045"),
        ("lei", "2138 00KU D8LA JWSQ 9D15", None, "213800KUD8LAJWSQ9D15"),
        ("gln", "6291041500213", None, "6291041500213"),
        ("duns", "15-048-3782", None, "150483782"),
    ],
)
def test_a_valid_identifier_has_one_form(kind, written, country, number):
    [record], reasons = fold(kind, written, country=country)
    assert (record[kind], reasons) == (number, {})


@pytest.mark.parametrize(
    ("kind", "written", "country", "reason"),
    [
        ("vat_id", "DE136695977", None, "VAT number of DE: the number's checksum"),
        ("vat_id", "136695976", None, "country unknown"),
        ("tax_id", "911144442", None, "country unknown"),
        ("tax_id", "12", "US", "tax number of US"),
        ("tax_id", "12", "VN", "no tax number rule for VN"),
        ("lei", "213800KUD8LAJWSQ9D16", None, "checksum"),
        ("gln", "6291041500214", None, "checksum"),
        ("gln", "629104150021", None, "13 digits"),
        ("duns", "12345", None, "9 digits"),
        ("duns", "999999999", None, "placeholder"),
    ],
)
def test_an_invalid_identifier_is_null_with_a_reason(kind, written, country, reason):
    [record], reasons = fold(kind, written, country=country)
    assert record[kind] is None
    assert reason in reasons["0"]


def test_a_number_valid_in_one_country_only_is_judged_with_its_country():
    records = pa.table(
        {"id": ["a", "b"], "vat": ["136695976", "136695976"], "land": ["DE", "France"]}
    )
    done = standardise(records, MatchColumns("id", {"vat": "vat_id", "land": "country"}))
    assert done.records["vat_id"].to_pylist() == ["DE:136695976", None]


def test_rows_come_back_in_the_order_of_ids_and_none_is_lost():
    records = pa.table({"id": [3, 1, 2], "n": ["c", None, " "]})
    done = standardise(records, MatchColumns("id", {"n": "name"}))
    assert done.records["record_id"].to_pylist() == ["1", "2", "3"]
    assert done.records["name"].to_pylist() == [None, None, "c"]


@pytest.mark.parametrize(
    ("ids", "columns"),
    [
        pytest.param(["a", "a"], {"n": "name"}, id="id twice"),
        pytest.param(["a", None], {"n": "name"}, id="no id"),
        pytest.param(["a", "b"], {"missing": "name"}, id="no such column"),
    ],
)
def test_records_that_cannot_be_told_apart_are_refused(ids, columns):
    with pytest.raises(UsageError):
        standardise(pa.table({"id": ids, "n": ["x", "y"]}), MatchColumns("id", columns))


@pytest.mark.parametrize("kinds", [{"n": "shoe size"}, {"n": "name", "m": "name"}, {}])
def test_a_wrong_declaration_is_refused(kinds):
    with pytest.raises(UsageError):
        MatchColumns("id", kinds)
