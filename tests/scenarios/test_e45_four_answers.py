"""E45: four customers of a tier answer a survey: that is shown to nobody."""

ANSWERS = (10, 9, 8, 2)


def given(world):
    world.row(
        "crm.survey_campaign",
        campaign_id="E45",
        survey_type="NPS",
        sent_date="2025-02-01",
        population_count=40,
    )
    for number, score in enumerate(ANSWERS):
        customer = f"E45-{number}"
        world.order(customer, sold_to_customer_id=customer, ordered_at="2024-06-03T09:00:00Z")
        world.line(customer, due="2024-06-10T15:00:00Z")
        world.row("crm.account", account_id=f"A-{customer}", customer_id=customer)
        world.row(
            "crm.survey_response",
            response_id=customer,
            item_id="NPS",
            campaign_id="E45",
            account_id=f"A-{customer}",
            respondent_role="BUYER",
            submitted_at="2025-02-20T09:00:00Z",
            is_anonymous=False,
            score=score,
        )


def test_so_few_answers_are_counted_and_not_shown(ask):
    rows = ask(
        "from marts.mart_perceived_quality"
        " where wave_start_date = date '2025-01-01' and dimension = 'NPS' and segment_key <> '*'"
    )
    assert sum(row["answers_count"] for row in rows) == len(ANSWERS)
    for row in rows:
        assert row["is_hidden"]
        assert row["null_reason"]
        shown = ("value", "lower", "upper", "weighted_value")
        assert [row[name] for name in shown] == [None] * len(shown)
