"""A file of requests: one result per row, and giving it again adds nothing."""

import pytest
from request_cases import ANNA, BEN, ask, facts

from dagster_project.errors import UsageError
from dagster_project.governance.requests.bulk import submit_file

HEAD = "key,entity_id,to_segment,effective_date,reason,is_emergency\n"
GOOD = 'k1,E1,S2,2026-04-01,contract,\nk2,E2,S4,2026-04-01,"small, by now",false\n'


def find(asks):
    known = {one.entity_id: facts(one.entity_id) for one in asks if one.entity_id != "E404"}
    gone = UsageError("There is no entity E404.", "It belongs to E1 now.", "Use E1.")
    return known, {one.entity_id: gone for one in asks if one.entity_id == "E404"}


@pytest.fixture
def give(tmp_path, desk):
    def _give(text, who=ANNA):
        path = tmp_path / "requests.csv"
        path.write_text(text, encoding="utf-8")
        return submit_file(path, desk, who, find)

    return _give


def test_each_row_is_accepted_or_refused_with_the_reason_and_what_to_do(give, desk, store):
    desk.submit(ask("E7"), BEN, facts("E7"))
    rows = (
        "k3,E3,S3,2026-04-01,contract,\n"
        "k4,E4,S9,2026-04-01,contract,\n"
        "k5,E5,S2,soon,contract,\n"
        ",E6,S2,2026-04-01,contract,\n"
        "k7,E7,S2,2026-04-01,contract,\n"
        "k8,E404,S2,2026-04-01,contract,\n"
        "k9,E9,S2,2026-04-01,contract,perhaps\n"
        "k1,E10,S2,2026-04-01,contract,\n"
        "k11,E1,S1,2026-04-01,contract,\n"
        "k12,E12,S2,2026-01-05,contract,\n"
    )
    results = give(HEAD + GOOD + rows)
    assert [one.row for one in results] == list(range(2, 14))
    assert [one.result for one in results] == ["ACCEPTED"] * 2 + ["REFUSED"] * 10
    whys = [
        *("in S3 already", "no segment S9", "is 'soon'", "must not be blank", "open request"),
        *("belongs to E1 now", "true or false", "as in row 2", "open request", "closed period"),
    ]
    for one, why in zip(results[2:], whys, strict=True):
        assert why in one.why
        assert one.fix or "no segment" in one.why
    assert len(store.read("segment_request")) == 3


def test_the_same_file_again_adds_nothing_and_a_longer_one_only_what_is_new(give, store):
    first = give(HEAD + GOOD)
    again = give(HEAD + GOOD + "k3,E3,S2,2026-04-01,contract,\n")
    assert [one.result for one in again] == ["KEPT", "KEPT", "ACCEPTED"]
    assert [one.request_id for one in again[:2]] == [one.request_id for one in first]
    assert len(store.read()) == 3


def test_a_key_that_stood_for_another_row_is_refused(give):
    give(HEAD + GOOD)
    (result, _) = give(HEAD + GOOD.replace("E1,S2", "E1,S1"))
    assert result.result == "REFUSED"
    assert "another request" in result.why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("key,entity_id\nk,E1\n", "Missing: to_segment, effective_date, reason"),
        (HEAD.replace("is_emergency", "mood") + GOOD, "unknown: mood"),
        ("", "Missing: key"),
    ],
)
def test_a_file_with_other_columns_is_refused_as_a_whole(give, store, text, why):
    with pytest.raises(UsageError, match=why):
        give(text)
    assert store.read() == []


def test_a_cell_too_many_is_refused_and_not_cut_off(give):
    (result,) = give(HEAD + "k1,E1,S2,2026-04-01,small, by now,false\n")
    assert result.result == "REFUSED"
    assert "true or false" in result.why or "quote cells" in result.why


def test_row_may_say_until_when_the_segment_holds(give, store):
    head = HEAD.replace("is_emergency", "holds_until")
    rows = "k1,E1,S2,2026-04-01,fair,2026-06-30\nk2,E2,S2,2026-04-01,fair,2026-03-01\n"
    first, second, third = give(head + rows + "k3,E3,S2,2026-04-01,fair,summer\n")
    assert (first.result, second.result, third.result) == ("ACCEPTED", "REFUSED", "REFUSED")
    assert "cannot end before it begins" in second.why
    assert "is 'summer'" in third.why
    (kept,) = store.read("segment_request")
    assert kept.payload["holds_until"] == "2026-06-30"
