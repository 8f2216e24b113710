"""Every customer of a simulated company goes the way that a plain loop foretells, move by move.

The loop knows the default scheme by heart. It is told the scores that the marts show, the contracts
as the CRM handed them out, and nothing else; what the simulator planted about lives and contracts
has to show in the paths.
"""

import json
from collections import defaultdict
from datetime import date

import duckdb
import pytest
from pipeline_company import company, some_first
from unit.segmentation.plain_scheme import PlainCustomer, text

FAR = date(9999, 12, 31)


def number(day):
    return (day - date(1970, 1, 1)).days


@pytest.fixture(scope="module", params=some_first(["XS", "S", "M"], {"XS"}))
def built(request, tmp_path_factory):
    made = company(tmp_path_factory.mktemp("paths"), size=request.param)
    made.land()
    made.build()
    with duckdb.connect(str(made.settings.warehouse_path), read_only=True) as con:
        yield made, con


@pytest.fixture(scope="module")
def floors(built):
    """Contract floors by entity: tier, first day on which it counts, first day after it."""
    made, con = built
    files = str(made.extracts / "landing" / "crm" / "contract" / "**" / "*.csv")
    rows = con.sql(
        "select distinct entity_id, tier_floor, start_date, signed_date, end_date, is_auto_renew"
        f" from read_csv('{files}', all_varchar = true) inner join marts.dim_customer using"
        " (customer_id) where tier_floor is not null"
    ).fetchall()
    found = defaultdict(list)
    for entity, tier, start, signed, end, renews in rows:
        first = max(date.fromisoformat(start), date.fromisoformat(signed or start))
        last = FAR if renews == "true" or not end else date.fromisoformat(end)
        found[entity].append((tier, number(first), number(last)))
    return found


@pytest.fixture(scope="module")
def foretold(built, floors):
    """Moves by entity: decided on, from, to, holds from."""
    _, con = built
    scores = defaultdict(dict)
    for entity, day, status, score, orders in con.sql(
        "select entity_id, recorded_at::date, status, score::double, known_orders_count"
        " from marts.mart_segmentation__score"
    ).fetchall():
        scores[entity][number(day)] = (status, score, orders)
    end = number(
        con.sql("select max(recorded_at)::date from marts.fct_segment_event").fetchall()[0][0]
    )
    found = {}
    for entity, first in con.sql(
        "select entity_id, valid_from from marts.fct_segment_event"
        " where from_segment_code is null and to_segment_code = 'N0'"
    ).fetchall():
        customer, begins = PlainCustomer(number(first)), {}
        for tier, start, until in floors.get(entity, []):
            customer.promise(tier, start, until)
            begins[max(start, number(first))] = True
        for day in sorted(begins.keys() | scores[entity].keys()):
            if day in scores[entity]:
                customer.hear(day, *scores[entity][day])
            elif day <= end:
                customer.hear_of_contracts(day)
        found[entity] = customer.moves
    return found


@pytest.fixture(scope="module")
def gone(built):
    _, con = built
    found = defaultdict(list)
    for entity, *move in con.sql(
        "select entity_id, recorded_at::date, from_segment_code, to_segment_code, valid_from"
        " from marts.fct_segment_event where from_segment_code is not null order by all"
    ).fetchall():
        day, before, after, valid = move
        found[entity].append((number(day), before, after, number(valid)))
    return found


def test_every_path_is_the_one_foretold(foretold, gone):
    moved = {entity: moves for entity, moves in foretold.items() if moves}
    assert len(moved) > 40
    assert dict(gone) == moved


def test_whoever_was_planted_to_leave_sleeps_and_whoever_is_new_is_in_no_tier(built, gone):
    made, con = built
    truth = json.loads((made.extracts / "truth.json").read_text())
    entity = dict(con.sql("select customer_id, entity_id from marts.dim_customer").fetchall())
    alone = {one for one in entity.values() if list(entity.values()).count(one) == 1}
    last = {who: moves[-1][2] for who, moves in gone.items()}
    lives = defaultdict(set)
    for one in truth["customers"]:
        if one["kind"] == "SOLD_TO" and entity[one["customer_id"]] in alone and one["orders"]:
            lives[one["life"]].add(last.get(entity[one["customer_id"]], "N0"))
    assert lives["DORMANT"] == {"D0"}
    assert "D0" not in lives["NEW"]
    assert {"S1", "S2", "S3", "S4"} <= lives["ACTIVE"]


def test_nobody_awake_stands_below_the_promise_of_a_contract_in_force(built, floors):
    _, con = built
    assert floors
    for entity, promises in floors.items():
        for tier, first, until in promises:
            rows = con.execute(
                "select segment_code from marts.dim_customer_segment where entity_id = ?"
                " and is_latest_belief and segment_code in ('S1', 'S2', 'S3', 'S4')"
                " and valid_from < ?::date and valid_to > ?::date",
                [entity, text(until), text(first)],
            ).fetchall()
            assert rows
            assert all(segment <= tier for (segment,) in rows)
