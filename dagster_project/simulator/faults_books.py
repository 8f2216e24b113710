"""Faults between systems: the ledger, a report or a count says something else than the documents.

Each function commits one fault and returns what it changed. Every file is well formed and agrees
with its manifest, so that only a comparison of two systems can find it.
"""

from dagster_project.simulator.extracts import Batch, Extracts
from dagster_project.simulator.truth import Record


def rebate_posted_by_hand(extracts: Extracts) -> Record:
    return _post_more(extracts, "4200", "amount_local::decimal(18, 4) + 5000")


def cost_posted_twice(extracts: Extracts) -> Record:
    return _post_more(extracts, "5000", "2 * amount_local::decimal(18, 4)")


def cost_centre_posted_by_hand(extracts: Extracts) -> Record:
    return _post_more(extracts, "7110", "amount_local::decimal(18, 4) + 500")


def freight_posted_twice(extracts: Extracts) -> Record:
    return _post_more(extracts, "6500", "2 * amount_local::decimal(18, 4)")


def stock_at_wrong_cost(extracts: Extracts) -> Record:
    """The dearest stock of a month's end is valued in hundreds; its quantity is right."""
    batch = extracts.middle("wms", "inventory_snapshot")
    cure = extracts.keep_cure(batch)
    day, site, product = extracts.fetch(
        f"select snapshot_date, site_id, product_id from ({extracts.rows(batch)})"
        " where snapshot_date = last_day(snapshot_date) and stock_status = 'AVAILABLE'"
        " order by on_hand_qty * unit_cost desc, 1, 2, 3 limit 1"
    )[0]
    where = f"snapshot_date = '{day}' and site_id = '{site}' and product_id = '{product}'"
    _change(extracts, batch, where, "unit_cost", "(unit_cost * 100)::decimal(18, 6)")
    return _record(batch, cure, site_id=site, product_id=product, snapshot_date=str(day))


def unreported_booking(extracts: Extracts) -> Record:
    batch = extracts.newest("sales_ops", "bookings_report")
    cure = extracts.keep_cure(batch)
    customer, family, period = extracts.fetch(
        "select customer_id, product_family, fiscal_period_id"
        f" from ({extracts.rows(batch)})"
        " order by booked_net_amount::decimal(18, 4) desc, 1, 2, 3 limit 1"
    )[0]
    extracts.keep(
        batch,
        f"not (customer_id = '{customer}' and product_family = '{family}'"
        f" and fiscal_period_id = '{period}')",
    )
    return _record(batch, cure, customer_id=customer, fiscal_period_id=period)


def unbilled_piece(extracts: Extracts) -> Record:
    """One piece more leaves than is invoiced: far too little to look like an over-delivery."""
    batch = extracts.middle("wms", "shipment_line")
    cure = extracts.keep_cure(batch)
    query = (
        "select * replace (97 as line_no, 1::decimal(18, 4) as shipped_qty,"
        " 1::decimal(18, 4) as picked_qty)"
        f" from ({extracts.rows(batch)}) where uom = 'EA' and short_qty = 0 and shipped_qty >= 10"
        " order by shipment_id, line_no limit 1"
    )
    order_id, line_no = extracts.fetch(f"select order_id, order_line_no from ({query})")[0]
    extracts.append(batch, query)
    return _record(batch, cure, order_id=order_id, line_no=line_no)


def unbooked_movement(extracts: Extracts) -> Record:
    batch = extracts.middle("wms", "inventory_movement")
    cure = extracts.keep_cure(batch)
    movement, site, product = extracts.fetch(
        f"select movement_id, site_id, product_id from ({extracts.rows(batch)})"
        " order by movement_id limit 1"
    )[0]
    extracts.keep(batch, f"movement_id <> '{movement}'")
    return _record(batch, cure, movement_id=movement, site_id=site, product_id=product)


def commission_on_gross(extracts: Extracts) -> Record:
    """The biggest commission of the newest month: older ones are settled for good."""
    batch = extracts.newest("sales_ops", "commission")
    cure = extracts.keep_cure(batch)
    commission, rep, period = extracts.fetch(
        f"select commission_id, sales_rep_id, fiscal_period_id from ({extracts.rows(batch)})"
        " order by fiscal_period_id desc, basis_amount::decimal(18, 4) desc, 1 limit 1"
    )[0]
    where = f"commission_id = '{commission}'"
    _change(
        extracts, batch, where, "basis_amount", "(1.25 * basis_amount::decimal(18, 4))::varchar"
    )
    return _record(batch, cure, sales_rep_id=rep, fiscal_period_id=period)


def _post_more(extracts: Extracts, account: str, amount: str) -> Record:
    """Change the balance of one account of company 1000 in a period in the middle."""
    batch = extracts.newest("finance", "gl_balance")
    cure = extracts.keep_cure(batch)
    where = f"company_code = '1000' and account = '{account}'"
    periods = extracts.fetch(
        f"select fiscal_period_id from ({extracts.rows(batch)}) where {where} order by 1"
    )
    period = periods[len(periods) // 2][0]
    where += f" and fiscal_period_id = '{period}'"
    _change(extracts, batch, where, "amount_local", f"({amount})::varchar")
    return _record(batch, cure, company_code="1000", account=account, fiscal_period_id=period)


def _change(extracts: Extracts, batch: Batch, where: str, column: str, value: str) -> None:
    """Give one column another value in some rows."""
    changed = f"select * replace ({value} as {column}) from ({extracts.rows(batch)}) where {where}"
    rows = extracts.materialised(changed)
    extracts.keep(batch, f"not ({where})")
    extracts.append(batch, rows)


def _record(batch: Batch, cure: str, **details: object) -> Record:
    feed = f"{batch.manifest['system']}.{batch.manifest['feed']}"
    victim = {"feed": feed, "batch_id": batch.manifest["batch_id"]}
    return {"batches": [victim], "cures": [cure], "details": details}
