select
    response_id,
    item_id,
    campaign_id,
    account_id,
    respondent_role,
    submitted_at,
    score::decimal(18, 6) as score,
    expectation,
    importance::decimal(18, 6) as importance,
    comment_text,
    is_anonymous,
    window_of(submitted_at) as _window
from survey_item
