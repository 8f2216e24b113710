"""The books of a simulated company agree with its documents, computed from its files alone."""

from decimal import Decimal

import pytest
from simulated_company import Company

BASE_UNITS = """
    create or replace temp view factor as
    select p.product_id, u.uom, coalesce(own.factor, common.factor, 1) as factor
    from erp__product as p
    cross join (values ('EA'), ('CS'), ('PAL')) as u(uom)
    left join erp__uom_conversion as own
        on own.product_id = p.product_id and own.from_uom = u.uom
    left join erp__uom_conversion as common
        on common.product_id is null and common.from_uom = u.uom
"""
LOCAL_LINES = """
    select
        i.company_code, i.posting_date, l.*,
        cast(round(l.net_amount * coalesce(r.rate, 1)::decimal(20, 8), 4) as decimal(18, 4))
            as local
    from erp__invoice_line as l
    inner join erp__invoice as i on i.invoice_id = l.invoice_id
    left join erp__fx_rate as r
        on r.from_currency = i.currency
        and r.to_currency = case i.company_code when '1000' then 'EUR' else 'GBP' end
        and r.rate_date = i.posting_date and r.rate_type = 'M'
"""

both = pytest.mark.parametrize("fixture", ["company", "company_with_tail"])


@both
def test_revenue_in_the_ledger_is_the_sum_of_the_lines(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    company: Company = request.getfixturevalue(fixture)
    assert company.value("select count(distinct account) from finance__gl_balance") > 10
    differences = company.rows(
        f"""
        with documents as (
            select
                company_code, strftime(posting_date, '%Y-%m') as fiscal_period_id,
                gl_account as account, sum(local) as amount
            from ({LOCAL_LINES}) group by all
        )
        select * from documents as d
        full join (
            select g.* from finance__gl_balance as g
            inner join finance__gl_account_map as m on m.account = g.account
            where m.statement_line like 'REVENUE%'
        ) as g using (company_code, fiscal_period_id, account)
        where d.amount is distinct from g.amount_local
        """
    )
    assert differences == []


@pytest.mark.parametrize(
    ("statement_line", "documents"),
    [
        ("COGS", "cogs_std_amount"),
        ("DISCOUNT", "cast(round(discount_amount * 1.0, 4) as decimal(18, 4))"),
    ],
)
def test_other_accounts_of_the_pound_company_repeat_its_pound_documents(
    company: Company, statement_line: str, documents: str
) -> None:
    """Cost of goods is local in every document; discounts are compared where no rate is needed."""
    where = "true" if statement_line == "COGS" else "i.currency = 'GBP'"
    expected = company.value(
        f"select sum({documents}) from erp__invoice_line as l"
        f" inner join erp__invoice as i using (invoice_id) where company_code = '2000' and {where}"
    )
    booked = company.value(
        "select sum(amount_local) from finance__gl_balance"
        " inner join finance__gl_account_map using (account)"
        f" where company_code = '2000' and statement_line = '{statement_line}'"
    )
    assert booked == expected if statement_line == "COGS" else booked >= expected


def test_cost_pools_are_what_the_ledger_booked(company_with_tail: Company) -> None:
    differences = company_with_tail.rows(
        """
        select * from (select cost_centre, fiscal_period_id, amount from finance__cost_pool) as p
        full join (
            select g.* from finance__gl_balance as g
            inner join finance__gl_account_map as m on m.account = g.account
            where m.statement_line = 'CTS_POOL'
        ) as g using (cost_centre, fiscal_period_id)
        where p.amount is distinct from g.amount_local
        """
    )
    assert differences == []


def test_headers_are_the_sum_of_their_lines(company: Company) -> None:
    assert (
        company.rows(
            """
            select i.invoice_id from erp__invoice as i
            left join (
                select invoice_id, sum(net_amount) as net, sum(tax_amount) as tax
                from erp__invoice_line group by invoice_id
            ) as l using (invoice_id)
            where i.net_amount is distinct from l.net or i.tax_amount is distinct from l.tax
            """
        )
        == []
    )
    assert (
        company.rows(
            "select * from erp__invoice_line where net_amount <> gross_amount - discount_amount"
        )
        == []
    )


def test_prices_are_exact(company: Company) -> None:
    assert (
        company.rows(
            "select * from erp__sales_order_line"
            " where net_price <> list_price * ((100 - discount_pct) * 0.01)"
        )
        == []
    )


def test_ordered_is_shipped_plus_open_plus_cancelled(company_with_tail: Company) -> None:
    """Open may only be negative by an over-delivery of at most two percent."""
    company_with_tail.con.execute(BASE_UNITS)
    rows = company_with_tail.rows(
        """
        with newest as (
            select * from erp__sales_order_line
            qualify row_number() over (partition by order_id, line_no order by revision desc) = 1
        ),
        shipped as (
            select order_id, order_line_no as line_no, sum(shipped_qty * factor) as qty
            from wms__shipment_line inner join factor using (product_id, uom) group by all
        )
        select ordered_qty * factor as ordered,
            (ordered_qty - cancelled_qty) * factor - coalesce(s.qty, 0) as open
        from newest inner join factor using (product_id, uom)
        left join shipped as s using (order_id, line_no)
        """
    )
    assert min(left / ordered for ordered, left in rows) >= Decimal("-0.02")
    assert any(left < 0 for _, left in rows), "an over-delivery is part of life"
    assert any(left > 0 for _, left in rows), "some orders are still open"


def test_invoices_follow_what_was_shipped(company: Company) -> None:
    company.con.execute(BASE_UNITS)
    different = company.rows(
        """
        with shipped as (
            select shipment_id, line_no as shipment_line_no, sum(shipped_qty * factor) as qty
            from wms__shipment_line inner join factor using (product_id, uom) group by all
        ),
        invoiced as (
            select shipment_id, shipment_line_no, sum(invoiced_qty * factor) as qty
            from erp__invoice_line inner join factor using (product_id, uom)
            where shipment_id is not null group by all
        )
        select * from invoiced as i
        left join shipped as s using (shipment_id, shipment_line_no)
        where s.qty is distinct from i.qty
        """
    )
    assert different == []


def test_bookings_report_is_the_first_entry_of_the_order_lines(company_with_tail: Company) -> None:
    company_with_tail.con.execute(BASE_UNITS)
    different = company_with_tail.rows(
        """
        with booked as (
            select
                o.sold_to_customer_id as customer_id, p.family as product_family,
                strftime(o.ordered_at, '%Y-%m') as fiscal_period_id,
                sum(round(l.net_price * l.ordered_qty, 4)) as amount,
                sum(l.ordered_qty * f.factor) as qty
            from erp__sales_order_line as l
            inner join erp__sales_order as o on o.order_id = l.order_id and o.revision = 1
            inner join erp__product as p on p.product_id = l.product_id
            inner join factor as f on f.product_id = l.product_id and f.uom = l.uom
            where l.revision = 1
            group by all
        )
        select * from booked
        full join sales_ops__bookings_report as r
            using (customer_id, product_family, fiscal_period_id)
        where amount is distinct from booked_net_amount or qty is distinct from booked_qty
        """
    )
    assert different == []


def test_nothing_leaves_before_it_was_ordered(company: Company) -> None:
    early = company.rows(
        """
        select s.shipment_id from wms__shipment as s
        inner join wms__shipment_line as l on l.shipment_id = s.shipment_id
        inner join erp__sales_order as o on o.order_id = l.order_id and o.revision = 1
        where not (o.ordered_at < s.created_at and s.created_at < s.released_at
            and s.released_at < s.pick_started_at and s.pick_started_at < s.pick_ended_at
            and s.pick_ended_at <= s.packed_at and s.packed_at < s.departed_at)
        """
    )
    assert early == []


def test_cutting_off_a_tail_changes_no_document(
    company: Company, company_with_tail: Company
) -> None:
    for table in ("erp__sales_order_line", "erp__invoice_line", "wms__shipment_line", "crm__case"):
        query = f"select * exclude (_batch_id, _extracted_at) from {table} order by all"
        assert company.rows(query) == company_with_tail.rows(query), table


@both
def test_stock_in_the_ledger_is_the_stock_of_each_site_at_the_end_of_the_month(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    company: Company = request.getfixturevalue(fixture)
    assert company.value("select count(distinct site_id) from wms__inventory_snapshot") > 1
    different = company.rows(
        """
        with stock as (
            select site_id as cost_centre, strftime(snapshot_date, '%Y-%m') as fiscal_period_id,
                sum(on_hand_qty * unit_cost) as amount
            from wms__inventory_snapshot
            where snapshot_date = last_day(snapshot_date)
            group by all
        )
        select * from stock
        full join (
            select g.* from finance__gl_balance as g
            inner join finance__gl_account_map as m on m.account = g.account
            where m.statement_line = 'INVENTORY'
        ) as g using (cost_centre, fiscal_period_id)
        where stock.amount is distinct from g.amount_local
        """
    )
    assert different == []


@both
def test_stock_rolls_forward_by_its_movements(fixture: str, request: pytest.FixtureRequest) -> None:
    company: Company = request.getfixturevalue(fixture)
    assert company.value("select count(*) from wms__inventory_movement") > 100
    different = company.rows(
        """
        with counted as (
            select site_id, product_id, snapshot_date, sum(on_hand_qty) as qty
            from wms__inventory_snapshot group by all
        ),
        rolled as (
            select *, lag(qty) over product_days as qty_before,
                lag(snapshot_date) over product_days as date_before
            from counted
            window product_days as (partition by site_id, product_id order by snapshot_date)
        )
        select r.* from rolled as r
        where date_before is not null and qty <> qty_before + coalesce((
            select sum(m.moved_base_qty) from wms__inventory_movement as m
            where m.site_id = r.site_id and m.product_id = r.product_id
                and m.moved_at::date > r.date_before and m.moved_at::date <= r.snapshot_date
        ), 0)
        """
    )
    assert different == []


@both
def test_freight_is_booked_in_the_month_in_which_the_goods_left(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    company: Company = request.getfixturevalue(fixture)
    different = company.rows(
        """
        with bills as (
            select b.currency,
                strftime(coalesce(s.departed_at, l.actual_pickup_at), '%Y-%m') as fiscal_period_id,
                sum(b.amount) as amount
            from tms__freight_invoice as b
            left join wms__shipment as s on s.shipment_id = b.shipment_id
            left join tms__load as l on l.load_id = b.load_id
            group by all
        )
        select * from bills
        full join (
            select g.* from finance__gl_balance as g
            inner join finance__gl_account_map as m on m.account = g.account
            where m.statement_line = 'FREIGHT'
        ) as g using (currency, fiscal_period_id)
        where bills.amount is distinct from g.amount_local
        """
    )
    assert different == []
    assert company.value(
        "select count(*) from tms__freight_invoice as b"
        " inner join wms__shipment as s on s.shipment_id = b.shipment_id"
        " where month(b.invoice_date) <> month(s.departed_at)"
    ), "some freight is billed in the month after"


@both
def test_commissions_are_paid_on_net_invoices_of_settled_months(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    company: Company = request.getfixturevalue(fixture)
    different = company.rows(
        """
        with invoiced as (
            select
                o.sales_rep_id, i.sold_to_customer_id as customer_id, i.fiscal_period_id,
                i.currency, sum(l.net_amount) as amount
            from erp__invoice_line as l
            inner join erp__invoice as i on i.invoice_id = l.invoice_id
            inner join erp__sales_order as o on o.order_id = l.order_id and o.revision = 1
            where not i.is_intercompany and i.fiscal_period_id < '2025-12'
            group by all
        )
        select * from invoiced as i
        full join sales_ops__commission as c
            using (sales_rep_id, customer_id, fiscal_period_id, currency)
        where i.amount is distinct from c.basis_amount
        """
    )
    assert different == []
