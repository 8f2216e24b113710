"""Faults of single rows: missing, invented, unreadable, in contradiction to others.

Each function commits one fault and returns what it changed. Invented rows carry no money and
no quantity that another control adds up.
"""

from dagster_project.simulator.extracts import Batch, Extracts
from dagster_project.simulator.truth import Record

LEAKED = "5000.0000"


def missing_invoice_line(extracts: Extracts) -> Record:
    """The line with the highest value goes, so that no tolerance hides it."""
    batch = extracts.middle("erp", "invoice_line")
    cure = extracts.keep_cure(batch)
    invoice_id, line_no, net = extracts.fetch(
        f"select invoice_id, line_no, net_amount from ({extracts.rows(batch)})"
        " where gl_account = '4000' and invoice_id like 'IN%'"
        " qualify count(*) over (partition by invoice_id) > 1"
        " order by net_amount::decimal(18, 4) desc, invoice_id, line_no limit 1"
    )[0]
    extracts.keep(batch, f"not (invoice_id = '{invoice_id}' and line_no = '{line_no}')")
    return _record([batch], [cure], invoice_id=invoice_id, line_no=int(line_no), net=str(net))


def unknown_unit(extracts: Extracts) -> Record:
    """The cure is an extract without the line: it was a slip of the keyboard."""
    batch = extracts.newest("erp", "sales_order_line")
    cure = extracts.keep_cure(batch)
    order_id, product_id, at = extracts.fetch(
        f"select order_id, product_id, revised_at from ({extracts.rows(batch)})"
        " where revision = '1' order by order_id desc, line_no limit 1"
    )[0]
    values = {"order_id": order_id, "product_id": product_id, "revised_at": at}
    fixed = {"line_no": 98, "schedule_no": 1, "revision": 1, "ordered_qty": 1, "uom": "XXX"}
    free = {"list_price": 0, "net_price": 0, "discount_pct": 0}
    extracts.append(batch, extracts.literal_row(batch, values | fixed | free))
    return _record([batch], [cure], order_id=order_id, line_no=98, uom="XXX")


def missing_fx_rate(extracts: Extracts) -> Record:
    """A day, best a Sunday, on which invoices are posted, nobody orders and no carrier bills.

    Pounds are the local currency of company 2000, so only the group amount is missing and the
    local ledger still agrees.
    """
    batch = extracts.newest("erp", "fx_rate")
    invoices = extracts.rows(*extracts.batches("erp", "invoice"))
    orders = extracts.rows(*extracts.batches("erp", "sales_order"))
    charges = extracts.rows(*extracts.batches("tms", "freight_invoice"))
    day = extracts.fetch(
        f"select posting_date::date::varchar as day from ({invoices})"
        " where currency = 'GBP' and company_code = '2000' and invoice_type = 'INVOICE'"
        f" and day not in (select left(ordered_at::varchar, 10) from ({orders})"
        " where currency = 'GBP')"
        f" and day not in (select invoice_date::date::varchar from ({charges})"
        " where currency = 'GBP')"
        " group by 1 order by isodow(day::date) = 7 desc, day(day::date) between 4 and 26 desc,"
        " 1 desc limit 1"
    )[0][0]
    cure = extracts.keep_cure(batch)
    extracts.keep(
        batch,
        "not (from_currency = 'GBP' and to_currency = 'EUR' and rate_type = 'M'"
        f" and rate_date = '{day}')",
    )
    return _record([batch], [cure], pair="GBP>EUR", rate_date=day)


def broken_key(extracts: Extracts) -> Record:
    batch = extracts.middle("wms", "shipment_line")
    cure = extracts.keep_cure(batch)
    extracts.append(
        batch,
        "select * replace (98 as line_no, 'SO99999999' as order_id, 1 as order_line_no)"
        f" from ({extracts.rows(batch)}) where uom = 'EA' order by shipment_id, line_no limit 1",
    )
    return _record([batch], [cure], order_id="SO99999999", line_no=98)


def overshipment(extracts: Extracts) -> Record:
    batch = extracts.newest("wms", "shipment_line")
    cure = extracts.keep_cure(batch)
    ten_times = "(10 * shipped_qty)::decimal(18, 4)"
    query = (
        f"select * replace (99 as line_no, {ten_times} as shipped_qty, {ten_times} as picked_qty)"
        f" from ({extracts.rows(batch)}) where short_qty = 0 order by shipment_id, line_no limit 1"
    )
    shipment_id, order_id, line_no = extracts.fetch(
        f"select shipment_id, order_id, order_line_no from ({query})"
    )[0]
    extracts.append(batch, query)
    return _record([batch], [cure], shipment_id=shipment_id, order_id=order_id, line_no=line_no)


def malformed_row(extracts: Extracts) -> Record:
    batch = extracts.newest("crm", "case")
    cure = extracts.keep_cure(batch)
    extracts.append(
        batch,
        "select * replace ('CS9999999999O' as case_id, 'yesterday, about noon' as opened_at)"
        f" from ({extracts.rows(batch)}) order by case_id limit 1",
    )
    return _record([batch], [cure], case_id="CS9999999999O", column="opened_at")


def intercompany_leak(extracts: Extracts) -> Record:
    """The ledger has it as intercompany revenue, so that revenue still reconciles."""
    heads = extracts.newest("erp", "invoice")
    lines = extracts.newest("erp", "invoice_line")
    ledger = extracts.newest("finance", "gl_balance")
    cures = [extracts.keep_cure(batch) for batch in (heads, lines, ledger)]
    customer_id, day = extracts.fetch(
        f"select sold_to_customer_id, posting_date::date::varchar from ({extracts.rows(heads)})"
        " where company_code = '1000' and currency = 'EUR' and invoice_type = 'INVOICE'"
        " and is_intercompany::boolean = false and sold_to_customer_id = bill_to_customer_id"
        " order by posting_date desc, invoice_id limit 1"
    )[0]
    head = {
        "invoice_id": "IN9999999999",
        "invoice_type": "INVOICE",
        "bill_to_customer_id": customer_id,
        "sold_to_customer_id": customer_id,
        "posting_date": day,
        "fiscal_period_id": day[:7],
        "currency": "EUR",
        "fx_rate_to_group": 1,
        "net_amount": LEAKED,
        "tax_amount": 0,
        "freight_charged_amount": 0,
        "company_code": "1000",
        "is_intercompany": "true",
    }
    money = {"gross_amount": LEAKED, "discount_amount": 0, "net_amount": LEAKED, "tax_amount": 0}
    line = {"invoice_id": "IN9999999999", "line_no": 1, "gl_account": "4900"}
    none = {"rebate_accrual_amount": 0, "cogs_std_amount": 0}
    extracts.append(heads, extracts.literal_row(heads, head))
    extracts.append(lines, extracts.literal_row(lines, line | money | none))
    _post(extracts, ledger, day[:7])
    return _record([heads, lines, ledger], cures, invoice_id="IN9999999999", customer=customer_id)


def _post(extracts: Extracts, ledger: Batch, period: str) -> None:
    """Raise intercompany revenue of a period by the leaked amount."""
    where = f"company_code = '1000' and fiscal_period_id = '{period}' and account = '4900'"
    found = extracts.fetch(f"select amount_local from ({extracts.rows(ledger)}) where {where}")
    before = found[0][0] if found else "0"
    amount = extracts.fetch(f"select ({before}::decimal(18, 4) + {LEAKED}::decimal(18, 4))")[0][0]
    extracts.keep(ledger, f"not ({where})")
    row = {
        "company_code": "1000",
        "fiscal_period_id": period,
        "account": "4900",
        "amount_local": amount,
        "currency": "EUR",
    }
    extracts.append(ledger, extracts.literal_row(ledger, row))


def _record(batches: list[Batch], cures: list[str], **details: object) -> Record:
    victims = [
        {
            "feed": f"{batch.manifest['system']}.{batch.manifest['feed']}",
            "batch_id": batch.manifest["batch_id"],
        }
        for batch in batches
    ]
    return {"batches": victims, "cures": cures, "details": details}
