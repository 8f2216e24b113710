"""TPC-H at scale 0.01: released marts, not raw tables, give the official answers.

The answers are those that the TPC-H extension ships (``tpch_answers()``). A line is one
shipment, one delivery and one invoice, so a query on ``lineitem`` becomes one on the marts.
Queries on part sizes, containers, stock at suppliers, phone numbers or account balances ask
for what the feeds do not carry.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tpch_data import NoTpchError, make_tpch

from dagster_project.adapters import adapt
from dagster_project.ingestion import land
from dagster_project.release import gate, publish
from dagster_project.settings import Settings
from dagster_project.warehouse.build import build

pytestmark = pytest.mark.slow

# Ship, receipt and return facts of each invoiced line, as the benchmark's lineitem has them.
LINE = """
    with line as (
        select
            invoice.*,
            ordered.ordered_date,
            ordered.order_type,
            ordered.priority_code,
            ordered.ship_from_site_id,
            ordered.list_price,
            service.due_first_date,
            shipped.carrier_id,
            shipped.departed_date as ship_date,
            shipped.delivered_date as receipt_date,
            returned.return_id is not null as is_returned,
            round(invoice.discount_amount / invoice.gross_amount, 2) as discount_rate
        from fct_invoice_line as invoice
        inner join fct_order_line as ordered
            on ordered.order_id = invoice.order_id
            and ordered.line_no = invoice.order_line_no
        inner join fct_order_line_service as service
            on service.order_id = ordered.order_id
            and service.line_no = ordered.line_no
        inner join fct_shipment_line as shipped
            on shipped.shipment_id = invoice.shipment_id
            and shipped.line_no = invoice.shipment_line_no
        left join fct_return_line as returned
            on returned.order_id = invoice.order_id
            and returned.order_line_no = invoice.order_line_no
    )
"""

# The benchmark's own day "today": what was received later carries flag N, shipped later O.
TODAY = "date '1995-06-17'"

QUERIES = {
    "1 pricing summary": (
        1,
        ["sum_qty", "sum_base_price", "sum_disc_price", "avg_disc", "count_order"],
        f"""
        select
            case when is_returned then 'R' when receipt_date > {TODAY} then 'N' else 'A' end,
            case when ship_date > {TODAY} then 'O' else 'F' end,
            sum(invoiced_base_qty), sum(gross_amount), sum(net_amount), avg(discount_rate), count(*)
        from line where posting_date <= date '1998-09-02'
        group by 1, 2 order by 1, 2
        """,
    ),
    "3 unshipped orders of highest value": (
        3,
        ["revenue", "o_orderdate"],
        """
        select order_id, sum(net_amount) as revenue, ordered_date
        from line inner join dim_customer using (customer_id)
        where erp_segment_code = 'BUILDING'
            and ordered_date < date '1995-03-15' and ship_date > date '1995-03-15'
        group by order_id, ordered_date order by revenue desc, ordered_date limit 10
        """,
    ),
    "4 late orders by priority": (
        4,
        ["order_count"],
        """
        select
            case priority_code when 1 then '1-URGENT' when 2 then '2-HIGH' when 3 then '3-MEDIUM'
                when 4 then '4-NOT SPECIFIED' when 5 then '5-LOW' end,
            count(distinct order_id)
        from line
        where ordered_date >= date '1993-07-01' and ordered_date < date '1993-10-01'
            and due_first_date < receipt_date
        group by priority_code order by priority_code
        """,
    ),
    "5 revenue of local suppliers": (
        5,
        ["revenue"],
        """
        select upper(seed.name_en), sum(net_amount) as revenue
        from line inner join dim_customer as customer using (customer_id)
        inner join dim_site as supplier on supplier.site_id = line.ship_from_site_id
        inner join country as seed on seed.country_code = supplier.country
        where supplier.region = 'ASIA' and supplier.country = customer.country
            and ordered_date >= date '1994-01-01' and ordered_date < date '1995-01-01'
        group by 1 order by revenue desc
        """,
    ),
    "6 revenue change without small discounts": (
        6,
        [],
        """
        select sum(discount_amount) from line
        where ship_date >= date '1994-01-01' and ship_date < date '1995-01-01'
            and discount_rate between 0.05 and 0.07 and invoiced_base_qty < 24
        """,
    ),
    "7 volume between two nations": (
        7,
        ["cust_nation", "l_year", "revenue"],
        """
        select upper(sold_from.name_en), upper(sold_to.name_en), year(ship_date), sum(net_amount)
        from line inner join dim_customer as customer using (customer_id)
        inner join dim_site as supplier on supplier.site_id = line.ship_from_site_id
        inner join country as sold_from on sold_from.country_code = supplier.country
        inner join country as sold_to on sold_to.country_code = customer.country
        where ship_date between date '1995-01-01' and date '1996-12-31'
            and (supplier.country, customer.country) in (('FR', 'DE'), ('DE', 'FR'))
        group by 1, 2, 3 order by 1, 2, 3
        """,
    ),
    "9 profit by nation and year": (
        9,
        ["o_year", "sum_profit"],
        """
        select upper(seed.name_en) as nation, year(ordered_date) as o_year,
            sum(net_amount - cogs_amount_local)
        from line inner join dim_product using (product_id)
        inner join dim_site as supplier on supplier.site_id = line.ship_from_site_id
        inner join country as seed on seed.country_code = supplier.country
        where product_name like '%green%'
        group by 1, 2 order by 1, 2 desc
        """,
    ),
    "10 customers with most returned revenue": (
        10,
        ["c_name", "revenue"],
        """
        select customer_id, customer_name, sum(net_amount) as revenue
        from line inner join dim_customer using (customer_id)
        where is_returned
            and ordered_date >= date '1993-10-01' and ordered_date < date '1994-01-01'
        group by 1, 2 order by revenue desc limit 20
        """,
    ),
    "12 late lines by ship mode and priority": (
        12,
        ["high_line_count", "low_line_count"],
        """
        select carrier_id,
            count(*) filter (where priority_code <= 2), count(*) filter (where priority_code > 2)
        from line
        where carrier_id in ('MAIL', 'SHIP')
            and due_first_date < receipt_date and ship_date < due_first_date
            and receipt_date >= date '1994-01-01' and receipt_date < date '1995-01-01'
        group by carrier_id order by carrier_id
        """,
    ),
    "13 customers by number of orders": (
        13,
        ["custdist"],
        """
        , demand as (
            select customer_id, count(distinct order_id) as c_count
            from dim_customer
            left join fct_order_line using (customer_id)
            where coalesce(order_type, 'STANDARD') = 'STANDARD'
            group by customer_id
        ),
        silent as (
            -- A customer all of whose orders ask for special requests has none that counts.
            select customer_id, 0 as c_count from dim_customer
            where customer_id not in (select customer_id from demand)
        )
        select c_count, count(*) as custdist
        from (select * from demand union all select * from silent)
        group by c_count order by custdist desc, c_count desc
        """,
    ),
    "14 share of promoted products": (
        14,
        [],
        """
        select 100.0 * sum(net_amount) filter (where product_category like 'PROMO%')
            / sum(net_amount)
        from line inner join dim_product using (product_id)
        where ship_date >= date '1995-09-01' and ship_date < date '1995-10-01'
        """,
    ),
    "18 large orders": (
        18,
        ["c_custkey", "o_orderkey", "o_orderdate", "o_totalprice", "sum"],
        # The generator cuts each line of o_totalprice to whole cents, before and after tax.
        """
        select customer_name, customer_id, order_id, ordered_date,
            cast(sum(
                floor(floor(net_amount * 100) * (100 + round(100 * tax_amount / net_amount)) / 100)
            ) / 100 as decimal(18, 2)) as total_price,
            sum(invoiced_base_qty)
        from line inner join dim_customer using (customer_id)
        group by all having sum(invoiced_base_qty) > 300
        order by total_price desc, ordered_date limit 100
        """,
    ),
}


@pytest.fixture(scope="module")
def native(tmp_path_factory) -> Path:
    try:
        return make_tpch(tmp_path_factory.mktemp("tpch"))
    except NoTpchError as error:
        pytest.skip(f"the TPC-H generator cannot be installed here: {error}")


@pytest.fixture(scope="module")
def marts(native, tmp_path_factory) -> duckdb.DuckDBPyConnection:
    """The released marts of TPC-H, with the names of countries beside them."""
    folder = tmp_path_factory.mktemp("tpch_run")
    settings = Settings(home=folder / "home")
    adapt("tpch", native, folder / "delivery")
    land(settings, folder / "delivery")
    built = build(settings)
    assert built.ok, built.failures[:5]
    judged = gate(settings)
    assert judged.passed, judged.failed
    publish(settings)
    con = duckdb.connect()
    con.execute(f"attach '{settings.current_link / 'marts.duckdb'}' as released (read_only)")
    from dagster_project.settings import SEEDS_DIR

    con.execute(
        "create table country as from"
        f" read_csv('{SEEDS_DIR / 'reference' / 'country.csv'}', all_varchar = true)"
    )
    con.execute("set search_path = 'released.main,memory.main'")
    return con


@pytest.fixture(scope="module")
def answers(native) -> dict[int, list[dict[str, str]]]:
    """Query number -> rows of the official answer, as text by column."""
    rows = duckdb.connect().execute(f"from '{native / 'answers.parquet'}'").fetchall()
    parsed = {}
    for number, text in rows:
        header, *lines = [line.split("|") for line in text.strip().splitlines()]
        parsed[number] = [dict(zip(header, line, strict=True)) for line in lines]
    return parsed


def same(found: Any, official: str) -> bool:
    """Compare exactly; averages and shares, which are doubles in the answers, to 1e-9."""
    if isinstance(found, float):
        return found == pytest.approx(float(official), rel=1e-9)
    try:
        return Decimal(str(found)) == Decimal(official)
    except ArithmeticError:
        return str(found) == official


@pytest.mark.parametrize("name", QUERIES)
def test_marts_give_the_official_answer_of_query(marts, answers, name):
    number, columns, sql = QUERIES[name]
    found = marts.execute(LINE + sql).fetchall()
    official = answers[number]
    names = [next(iter(official[0])), *columns]
    if number == 1:
        names.insert(1, "l_linestatus")
    assert len(found) == len(official)
    wrong = [
        (row, expected)
        for row, expected in zip(found, official, strict=True)
        if not all(same(v, expected[n]) for v, n in zip(row, names, strict=True))
    ]
    assert not wrong, wrong[:5]


def test_charge_of_query_1_is_exact_up_to_tax_rounded_at_four_decimals(marts, answers):
    found = marts.execute(
        LINE + "select sum(net_amount + tax_amount), count(*) from line"
        f" where posting_date <= date '1998-09-02' and receipt_date <= {TODAY} and not is_returned"
    ).fetchone()
    official = Decimal(answers[1][0]["sum_charge"])
    assert abs(found[0] - official) <= found[1] * Decimal("0.00005")


def test_late_delivery_is_what_the_service_mart_calls_not_on_time(marts):
    assert marts.execute(
        LINE + "select count(*) from line inner join fct_order_line_service as service"
        " on service.order_id = line.order_id and service.line_no = line.order_line_no"
        " where line.receipt_date > line.due_first_date and service.is_on_time_first"
        " and service.late_days = 0"
    ).fetchone() == (0,)
