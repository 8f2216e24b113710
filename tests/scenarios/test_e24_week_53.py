"""E24: a 4-4-5 calendar whose year 2024 has 53 weeks, from 1 January 2024 to 5 January 2025."""

from datetime import date, timedelta

CALENDAR = "E24-445"


def given(world):
    first_day = date(2024, 1, 1)
    for year, last_weeks in ((2024, 6), (2025, 5), (2026, 5)):
        for period in range(1, 13):
            weeks = last_weeks if period == 12 else 5 if period % 3 == 0 else 4
            world.row(
                "erp.fiscal_calendar",
                calendar_id=CALENDAR,
                fiscal_period_id=f"{year}-{period:02d}",
                fiscal_year=year,
                period_no=period,
                quarter_no=(period + 2) // 3,
                start_date=first_day,
                end_date=first_day + timedelta(weeks=weeks),
                week_count=weeks,
                status="OPEN",
            )
            first_day += timedelta(weeks=weeks)
    world.order("E24")
    world.line("E24")
    world.row(
        "erp.invoice",
        invoice_id="E24-I",
        invoice_type="INVOICE",
        sold_to_customer_id="C-E24",
        posting_date="2025-01-03",
        net_amount=100,
    )
    world.row(
        "erp.invoice_line",
        invoice_id="E24-I",
        line_no=1,
        order_id="E24",
        order_line_no=1,
        product_id="P-ANY",
        invoiced_qty=10,
        uom="EA",
        gross_amount=100,
        discount_amount=0,
        net_amount=100,
    )


def test_week_53_belongs_to_the_last_period_of_its_year(ask):
    rows = ask(
        "select fiscal_period_id, fiscal_year from marts.dim_date"
        " where calendar_date between date '2024-12-30' and date '2025-01-06'"
        " order by calendar_date"
    )
    assert rows == [{"fiscal_period_id": "2024-12", "fiscal_year": 2024}] * 7 + [
        {"fiscal_period_id": "2025-01", "fiscal_year": 2025}
    ]


def test_a_document_of_week_53_posts_into_the_old_year(ask):
    rows = ask("select fiscal_period_id from marts.fct_invoice_line where invoice_id = 'E24-I'")
    assert rows == [{"fiscal_period_id": "2024-12"}]


def test_the_long_year_has_53_weeks(ask):
    rows = ask(
        "select fiscal_year, cast(sum(week_count) as int) as weeks from marts.dim_fiscal_period"
        f" where calendar_id = '{CALENDAR}' group by fiscal_year order by fiscal_year"
    )
    assert [row["weeks"] for row in rows] == [53, 52, 52]


def test_year_over_year_compares_restated_weeks_of_the_same_season(ask):
    rows = ask(
        "select this.calendar_date - min(before.calendar_date) as days_apart, count(*) as days"
        " from marts.dim_date as this inner join marts.dim_date as before"
        " on before.fiscal_year = this.fiscal_year - 1"
        " and before.restated_week_no = this.fiscal_week_no"
        " and before.iso_weekday_no = this.iso_weekday_no"
        " where this.fiscal_year = 2025 group by this.calendar_date order by this.calendar_date"
    )
    assert len(rows) == 52 * 7
    assert {(row["days_apart"], row["days"]) for row in rows} == {(52 * 7, 1)}


def test_the_first_week_of_the_long_year_has_no_counterpart(ask):
    rows = ask(
        "select fiscal_week_no, restated_week_no from marts.dim_date where calendar_date in"
        " (date '2024-01-07', date '2024-01-08', date '2025-01-05', date '2025-01-06')"
        " order by calendar_date"
    )
    assert [(row["fiscal_week_no"], row["restated_week_no"]) for row in rows] == [
        (1, None),
        (2, 1),
        (53, 52),
        (1, 1),
    ]
