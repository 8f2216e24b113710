{#- Each step: name, what it adds, whether it is a level and not a change, why it may be null. -#}
{%- set steps = [
    ('LIST_PRICE', 'gross_amount_group', true, 'null'),
    ('ON_INVOICE_DISCOUNT', '-1 * discount_amount_group', false, 'null'),
    ('FREIGHT_RECOVERED', 'freight_recovered_amount_group', false, "'no account is said to be freight recovered'"),
    ('OTHER_ADJUSTMENT', 'other_adjustment_amount_group', false, 'null'),
    ('INVOICE_PRICE', '0', true, 'null'),
    ('REBATE_ACCRUAL', '-1 * rebate_amount_group', false, 'null'),
    ('FREIGHT', '-1 * freight_amount_group', false, "'no freight charge in the sources'"),
    ('POCKET_PRICE', '0', true, 'null'),
    ('REVENUE_WITHOUT_COST', '-1 * uncosted_net_revenue_group', false, 'null'),
    ('COST_OF_GOODS', '-1 * landed_cogs_amount_group', false, 'null_reason'),
    ('SAMPLES', '-1 * sample_cost_group', false, "'no cost of a sample is known'"),
    ('POCKET_MARGIN', '0', true, 'null_reason'),
    ('ACTIVITY_COST', '-1 * activity_cost_group', false, "'not yet measured'"),
    ('WORKING_CAPITAL_CHARGE', '-1 * working_capital_charge_group', false, "'not yet measured'"),
    ('BAD_DEBT', '-1 * bad_debt_group', false, "'not yet measured'"),
    ('NET_TO_SERVE', '0', true, 'null_reason')
] -%}
with

years as (

    select
        entity_id,
        gross_amount_group,
        discount_amount_group,
        freight_recovered_amount_group,
        net_amount_group
        - gross_amount_group
        + discount_amount_group
        - coalesce(freight_recovered_amount_group, 0) as other_adjustment_amount_group,
        rebate_amount_group,
        freight_amount_group,
        net_revenue_group - costed_net_revenue_group as uncosted_net_revenue_group,
        case when null_reason is null then landed_cogs_amount_group end as landed_cogs_amount_group,
        sample_cost_group,
        activity_cost_group,
        working_capital_charge_group,
        bad_debt_group,
        null_reason
    from {{ ref('int_profit__entity_year') }}

),

steps as (

    {% for code, amount, is_level, reason in steps -%}
    select
        entity_id,
        {{ loop.index }} as step_no,
        '{{ code }}' as step_code,
        {{ is_level }} as is_level,
        cast({{ amount }} as decimal(18, 4)) as change_amount_group,
        gross_amount_group as list_amount_group,
        cast({{ reason }} as {{ dbt.type_string() }}) as may_be_null_because,
        {{ 'null_reason is null' if is_level and reason == 'null_reason' else 'true' }} as is_known
    from years
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

running as (

    select
        steps.*,
        cast(
            sum(coalesce(change_amount_group, 0)) over (
                partition by entity_id order by step_no rows between unbounded preceding and current row
            ) as decimal(18, 4)
        ) as level_amount_group
    from steps

),

valued as (

    select
        entity_id,
        step_no,
        step_code,
        is_level,
        case when is_level and is_known then level_amount_group when not is_level then change_amount_group end as amount_group,
        list_amount_group,
        may_be_null_because
    from running

)

select
    entity_id,
    cast(step_no as bigint) as step_no,
    step_code,
    is_level,
    amount_group,
    case when list_amount_group > 0 then {{ safe_divide('amount_group', 'list_amount_group') }} end as share_of_list_price,
    case
        when amount_group is null then may_be_null_because
        when list_amount_group <= 0 then 'sales at list price are not positive'
    end as null_reason
from valued
