with

causes as (

    select * from {{ ref('fct_failure_cause') }}

),

categories as (

    -- A person names a cause of the policy; its branch is that of the first rule with it.
    select cause_code, min(category) as category, min(accountable) as accountable
    from {{ ref('failure_cause') }}
    group by cause_code

),

summed as (

    select
        causes.segment_at_order_key as segment_key,
        {{ month_start('causes.due_first_date') }} as due_month,
        causes.effective_cause_code as cause_code,
        min(coalesce(categories.category, causes.category)) as category,
        min(coalesce(categories.accountable, causes.accountable)) as accountable,
        sum(causes.share) as failed_lines,
        sum(case when causes.overriding_cause_code is not null then causes.share else 0 end) as overridden_lines,
        sum(cast(causes.share as decimal(9, 6)) * causes.net_amount_group) as failed_amount_group
    from causes
    left join categories on causes.effective_cause_code = categories.cause_code
    group by causes.segment_at_order_key, {{ month_start('causes.due_first_date') }}, causes.effective_cause_code

),

final as (

    select
        segment_key,
        due_month,
        cause_code,
        category,
        accountable,
        round(failed_lines, 9) as failed_lines,
        round(overridden_lines, 9) as overridden_lines,
        cast(round(failed_amount_group, 4) as decimal(18, 4)) as failed_amount_group,
        {{ safe_divide('failed_lines', 'sum(failed_lines) over (partition by segment_key, due_month)') }} as share_of_failures
    from summed

)

select * from final
