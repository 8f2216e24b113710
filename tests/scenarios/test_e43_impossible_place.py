"""E43: coordinates that are swapped or zero are flagged, and the middle of the postcode stands in.

Three customers share a postcode in Berlin; only one has the coordinates that belong there.
"""

import pytest

BERLIN = {"latitude": "52.530000", "longitude": "13.380000"}
PLACES = {
    "RIGHT": BERLIN,
    "SWAPPED": {"latitude": BERLIN["longitude"], "longitude": BERLIN["latitude"]},
    "ZERO": {"latitude": "0", "longitude": "0"},
}


def given(world):
    for place, coordinates in PLACES.items():
        world.site(f"E43-{place}", country="DE", postcode="E43", **coordinates)


@pytest.mark.parametrize("place", PLACES)
def test_e43_every_place_of_the_postcode_stands_in_berlin(ask, place):
    [site] = ask(f"select * from marts.dim_site where site_id = 'E43-{place}'")
    assert {name: str(site[name]) for name in BERLIN} == BERLIN
    assert site["geo_problem"] == (None if place == "RIGHT" else place)
    assert site["is_geo_imputed"] == (place != "RIGHT")


def test_e43_what_stands_in_is_logged_with_its_basis(ask):
    rows = ask(
        "select entity_id, rule_id, imputed_value, basis from marts.mart_governance__imputation_log"
        " where entity_id like 'E43-%' order by 1"
    )
    assert [row["entity_id"] for row in rows] == ["E43-SWAPPED", "E43-ZERO"]
    assert {row["rule_id"] for row in rows} == {"GEO_POSTCODE"}
    assert {row["imputed_value"] for row in rows} == {" ".join(BERLIN.values())}
