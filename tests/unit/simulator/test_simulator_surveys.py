"""What customers say in surveys follows from what they got, and the books say what they said."""

import numpy as np
import pytest
from simulated_company import Company, write_company

LAST_WORDS = (
    "select * from crm__survey_response qualify row_number() over ("
    "partition by campaign_id, item_id, coalesce(account_id, response_id), respondent_role"
    " order by submitted_at desc) = 1"
)


@pytest.fixture(scope="module")
def busy_company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Big enough for shares to be visible."""
    return write_company(tmp_path_factory.mktemp("simulated") / "s", size="S")


def test_books_of_the_simulator_count_the_last_word_of_everybody(company: Company) -> None:
    found = {
        row[0]: row[1:]
        for row in company.rows(
            "select campaign_id, population_count, count(distinct response_id),"
            " count(distinct response_id) filter (account_id is null),"
            " count(*) filter (item_id = 'NPS' and score >= 9),"
            " count(*) filter (item_id = 'NPS' and score <= 6)"
            f" from crm__survey_campaign left join ({LAST_WORDS}) using (campaign_id) group by all"
        )
    }
    names = ("asked", "answered", "anonymous", "promoters", "detractors")
    truth = {
        row["campaign_id"]: tuple(row[name] for name in names) for row in company.truth["surveys"]
    }
    assert truth == found


def test_nobody_is_asked_more_than_twice_a_year(busy_company: Company) -> None:
    most = busy_company.value(
        "select max(campaigns) from (select account_id, year(submitted_at),"
        " count(distinct campaign_id) as campaigns from crm__survey_response"
        " where account_id is not null group by 1, 2)"
    )
    assert most == 2


def test_customers_with_more_failed_lines_score_lower(busy_company: Company) -> None:
    failures = busy_company.folder / "truth_failure.parquet"
    busy_company.con.execute(
        "create or replace temp table spoiled as select customer_id, count(*) as failed"
        f" from '{failures}' group by 1"
    )
    rows = busy_company.rows(
        "select a.account_id, any_value(s.failed) / count(*) as share"
        " from crm__account as a"
        " join erp__sales_order as o on o.sold_to_customer_id = 'C' || substring(a.account_id, 2)"
        " join erp__sales_order_line as l on l.order_id = o.order_id and l.revision = 1"
        " join spoiled as s on s.customer_id = o.sold_to_customer_id group by 1"
    )
    share = dict(rows)
    angry = {row["customer_id"] for row in busy_company.truth["grudges"]}
    scored = [
        (share[account], float(score))
        for account, score in busy_company.rows(
            f"select account_id, score from ({LAST_WORDS})"
            " where item_id = 'NPS' and account_id is not null"
        )
        if account in share and f"C{account[1:]}" not in angry
    ]
    assert len(scored) > 150
    assert np.corrcoef(np.array(scored).T)[0, 1] < -0.4


def test_grudges_are_bad_scores_in_spite_of_good_service(busy_company: Company) -> None:
    angry = {(row["customer_id"], row["period"]) for row in busy_company.truth["grudges"]}
    assert angry
    scores = busy_company.rows(
        "select 'C' || substring(account_id, 2), substring(campaign_id, 4, 7), score"
        f" from ({LAST_WORDS}) where item_id = 'NPS'"
    )
    assert max(score for *who, score in scores if tuple(who) in angry) <= 2
    texts = busy_company.rows(
        "select distinct note_text from crm__interview_note where sentiment = -0.8"
    )
    assert texts
    assert all("nvoice" in text or "echnung" in text for (text,) in texts)
