"""A clean simulation breaks no contract: the files are what the sources YAML promises."""

import pytest
from simulated_company import CONTRACTS, FEEDS, Company, header_of, sha256


@pytest.mark.parametrize(("system", "feed"), FEEDS)
def test_files_have_exactly_the_columns_of_the_contract(
    company: Company, system: str, feed: str
) -> None:
    for batch, manifest in company.manifests("landing"):
        if (manifest["system"], manifest["feed"]) == (system, feed):
            for file in manifest["files"]:
                names = header_of(batch / file["name"], manifest)
                assert names == list(CONTRACTS[system, feed].column_names)


@pytest.mark.parametrize(("system", "feed"), FEEDS)
def test_values_fit_the_contract(company_with_tail: Company, system: str, feed: str) -> None:
    """Every text could be cast, or the fixture would not exist."""
    table = f"{system}__{feed}__all"
    for column in CONTRACTS[system, feed].columns:
        name = f'"{column.name}"'
        broken = []
        if not column.nullable:
            broken.append(f"{name} is null")
        if column.accepted:
            broken.append(f"{name} not in ({', '.join(repr(value) for value in column.accepted)})")
        if column.greater_than is not None:
            broken.append(f"{name} <= {column.greater_than}")
        for condition in broken:
            found = company_with_tail.value(f"select count(*) from {table} where {condition}")
            assert found == 0, condition


@pytest.mark.parametrize(("system", "feed"), FEEDS)
def test_keys_are_unique_within_a_batch(company_with_tail: Company, system: str, feed: str) -> None:
    key = ", ".join(f'"{column}"' for column in CONTRACTS[system, feed].key)
    query = f"from {system}__{feed}__all select {key}, _batch_id group by all having count(*) > 1"
    assert company_with_tail.rows(query) == []


@pytest.mark.parametrize("fixture", ["company", "company_with_tail"])
def test_every_reference_resolves(fixture: str, request: pytest.FixtureRequest) -> None:
    company: Company = request.getfixturevalue(fixture)
    for (system, feed), contract in CONTRACTS.items():
        for column in contract.columns:
            if column.references:
                other_system, other_feed, other = column.references.split(".")
                lost = company.rows(
                    f'select distinct "{column.name}" from "{system}__{feed}"'
                    f' where "{column.name}" is not null and "{column.name}" not in'
                    f' (select "{other}" from "{other_system}__{other_feed}")'
                )
                assert lost == [], f"{system}.{feed}.{column.name}"


def test_references_resolve_before_the_tail_arrives(company_with_tail: Company) -> None:
    """Whatever is in the landing folder refers to nothing that only a later day brings."""
    cut_at = company_with_tail.truth["cut_at"][:-1]
    only_landing = f"_extracted_at < timestamp '{cut_at}' + interval 1 day"
    for (system, feed), contract in CONTRACTS.items():
        for column in contract.columns:
            if column.references:
                other_system, other_feed, other = column.references.split(".")
                lost = company_with_tail.value(
                    f"select count(*) from {system}__{feed}__all where {only_landing}"
                    f' and "{column.name}" is not null and "{column.name}" not in'
                    f' (select "{other}" from {other_system}__{other_feed}__all'
                    f" where {only_landing})"
                )
                assert lost == 0, f"{system}.{feed}.{column.name}"


def test_manifests_state_what_the_files_contain(company_with_tail: Company) -> None:
    for batch, manifest in company_with_tail.manifests():
        table = f"{manifest['system']}__{manifest['feed']}__all"
        where = f"_batch_id = '{manifest['batch_id']}'"
        counted = company_with_tail.value(f"select count(*) from {table} where {where}")
        stated = [file["row_count"] for file in manifest["files"]]
        assert manifest["row_count"] == sum(stated) == counted > 0
        assert manifest["batch_id"] == batch.name
        assert [file["sha256"] for file in manifest["files"]] == [
            sha256(batch / file["name"]) for file in manifest["files"]
        ]
        for column, stated_total in manifest["control_totals"].items():
            found = company_with_tail.value(f"select sum({column}) from {table} where {where}")
            assert str(found) == stated_total, f"{batch.name} {column}"


def test_delta_windows_of_a_feed_touch_without_gap_or_overlap(company_with_tail: Company) -> None:
    windows: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for _, manifest in company_with_tail.manifests():
        if manifest["mode"] == "DELTA":
            feed = (manifest["system"], manifest["feed"])
            windows.setdefault(feed, []).append((manifest["window_from"], manifest["window_to"]))
            assert manifest["window_to"] < manifest["extracted_at"]
        else:
            assert manifest["window_from"] is None
            assert manifest["window_to"] is None
    assert len(windows) == 27
    for feed, bounds in windows.items():
        ordered = sorted(bounds)
        ends = [end for _, end in ordered[:-1]]
        assert ends == [start for start, _ in ordered[1:]], feed
