"""Amounts below zero: what they are is said by the type of the document, and no line is netted."""


def given(world):
    order = "NEGATIVE"
    world.order(order)
    world.line(order, qty=100)
    world.ship("NEGATIVE-S", order, qty=100)
    world.invoice(
        "NEGATIVE-I", {"order": order, "qty": 100, "net": 1000}, posting_date="2025-03-12"
    )
    # An empty is taken back on an invoice; a claim is credited; an invoice is cancelled whole.
    world.invoice(
        "NEGATIVE-MIXED",
        {"order": order, "qty": 10, "net": 100, "order_line_no": None},
        {"order": order, "qty": -2, "net": -20, "order_line_no": None},
        posting_date="2025-03-13",
    )
    for name, kind, qty, net in (("CR", "CREDIT", -30, -300), ("CA", "CANCEL", -100, -1000)):
        world.invoice(
            f"NEGATIVE-{name}",
            {"order": order, "qty": qty, "net": net},
            invoice_type=kind,
            ref_invoice_id="NEGATIVE-I",
            posting_date="2025-04-14",
        )


def test_every_line_stands_with_its_own_sign(ask):
    rows = ask(
        "select invoice_id, line_no, cast(net_amount as int) as net, cast(invoiced_base_qty as int)"
        " as qty from marts.fct_invoice_line where invoice_id like 'NEGATIVE-%' order by all"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("NEGATIVE-CA", 1, -1000, -100),
        ("NEGATIVE-CR", 1, -300, -30),
        ("NEGATIVE-I", 1, 1000, 100),
        ("NEGATIVE-MIXED", 1, 100, 10),
        ("NEGATIVE-MIXED", 2, -20, -2),
    ]


def test_the_type_of_the_document_says_what_a_line_is(ask):
    rows = ask(
        "select invoice_id, step, cast(sum(net_amount_group) as int) as net"
        " from intermediate.int_document__flow where invoice_id like 'NEGATIVE-%'"
        " group by all order by all"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("NEGATIVE-CA", "CREDITED", -1000),
        ("NEGATIVE-CR", "CREDITED", -300),
        ("NEGATIVE-I", "INVOICED", 1000),
        ("NEGATIVE-MIXED", "INVOICED", 80),
    ]


def test_a_credit_names_what_it_corrects_and_keeps_its_own_day(ask):
    rows = ask(
        "select ref_invoice_id, cast(posting_date as varchar) as posted from marts.fct_invoice_line"
        " where invoice_id = 'NEGATIVE-CR'"
    )
    assert rows == [{"ref_invoice_id": "NEGATIVE-I", "posted": "2025-04-14"}]
