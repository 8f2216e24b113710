{{ config(materialized=large_table(), unique_key=['entity_id'], touched='int_touched__series') }}

with

limits as (

    select
        max(case when limit_name = 'min_demands' then limit_value end) as min_demands,
        max(case when limit_name = 'reactivation_gap_months' then limit_value end) as reactivation_gap_months,
        max(case when limit_name = 'mega_order_multiple' then limit_value end) as mega_order_multiple,
        max(case when limit_name = 'promo_share_limit' then limit_value end) as promo_share_limit
    from {{ ref('demand_class_rule') }}

),

months as (

    select distinct
        month_start_date as demand_month,
        calendar_year * 12 + month_no as month_index,
        {{ add_months('month_start_date', '1') }} <= {{ add_days(as_of(), 1) }} as is_complete_month
    from {{ ref('int_calendar__date') }}
    where month_start_date <= {{ as_of() }}

),

demand_months as (

    select
        entity_id,
        product_family,
        ordered_month as demand_month,
        cast(extract(year from ordered_month) * 12 + extract(month from ordered_month) as bigint) as month_index,
        demand_base_qty,
        promo_base_qty,
        demand_amount_group,
        order_lines_count,
        first_base_uom,
        last_base_uom
    from {{ ref('int_demand__month') }}
    {{ only_touched('entity_id', 'int_touched__series', 'entity_id') }}

),

absences as (

    select
        demand_months.*,
        month_index - lag(month_index) over (partition by entity_id, product_family order by month_index)
            as months_away
    from demand_months

),

spelled as (

    -- A spell is a history of its own: it ends with an absence longer than the policy allows.
    select
        absences.*,
        sum(case when months_away > limits.reactivation_gap_months then 1 else 0 end)
            over (partition by entity_id, product_family order by month_index) + 1 as spell_no
    from absences
    cross join limits

),

ranked as (

    select
        spelled.*,
        row_number() over (
            partition by entity_id, product_family, spell_no order by demand_base_qty, month_index
        ) as size_rank,
        count(*) over (partition by entity_id, product_family, spell_no) as n_demands
    from spelled

),

spells as (

    select
        entity_id,
        product_family,
        spell_no,
        min(month_index) as first_index,
        max(n_demands) as n_demands,
        -- The one or two sizes in the middle: their mean is the median.
        sum(case when 2 * size_rank between n_demands and n_demands + 2 then demand_base_qty end) as middle_base_qty,
        count(case when 2 * size_rank between n_demands and n_demands + 2 then 1 end) as middle_count,
        case when min(first_base_uom) = max(last_base_uom) then min(first_base_uom) end as base_uom
    from ranked
    group by entity_id, product_family, spell_no

),

judged as (

    select
        ranked.*,
        coalesce(
            {{ safe_divide('ranked.promo_base_qty', 'ranked.demand_base_qty') }} >= limits.promo_share_limit, false
        ) as is_promo,
        -- One more demand than a class needs, so that what remains without the order has a class.
        ranked.n_demands > limits.min_demands
        and cast(ranked.demand_base_qty as double) * spells.middle_count
            >= cast(limits.mega_order_multiple as double) * cast(spells.middle_base_qty as double) as is_one_off
    from ranked
    inner join spells
        on ranked.entity_id = spells.entity_id
        and ranked.product_family = spells.product_family
        and ranked.spell_no = spells.spell_no
    cross join limits

),

usual as (

    select
        entity_id,
        product_family,
        spell_no,
        cast(round({{ safe_divide('sum(demand_base_qty)', 'count(*)') }}, 6) as decimal(18, 6)) as usual_base_qty
    from judged
    where not is_promo and not is_one_off
    group by entity_id, product_family, spell_no

),

bounded_spells as (

    select
        spells.*,
        usual.usual_base_qty,
        lead(spells.first_index) over (
            partition by spells.entity_id, spells.product_family order by spells.spell_no
        ) as next_index
    from spells
    left join usual
        on spells.entity_id = usual.entity_id
        and spells.product_family = usual.product_family
        and spells.spell_no = usual.spell_no

),

-- Zero after the first demand, missing before it.
filled as (

    select
        bounded_spells.entity_id,
        bounded_spells.product_family,
        bounded_spells.spell_no,
        bounded_spells.base_uom,
        bounded_spells.usual_base_qty,
        bounded_spells.next_index is null as is_current_spell,
        months.month_index - bounded_spells.first_index + 1 as period_no,
        months.demand_month,
        months.month_index,
        months.is_complete_month
    from bounded_spells
    inner join months
        on months.month_index >= bounded_spells.first_index
        and months.month_index < coalesce(bounded_spells.next_index, months.month_index + 1)

),

final as (

    select
        filled.entity_id,
        filled.product_family,
        filled.demand_month,
        cast(filled.spell_no as bigint) as spell_no,
        filled.is_current_spell,
        filled.spell_no > 1 as is_reactivated,
        case when filled.spell_no > 1 then {{ add_months('filled.demand_month', '1 - filled.period_no') }} end
            as reactivated_month,
        cast(filled.period_no as bigint) as period_no,
        filled.is_complete_month,
        filled.base_uom,
        judged.first_base_uom,
        judged.last_base_uom,
        cast(coalesce(judged.order_lines_count, 0) as bigint) as order_lines_count,
        cast(coalesce(judged.demand_base_qty, 0) as decimal(18, 6)) as demand_base_qty,
        cast(coalesce(judged.demand_amount_group, 0) as decimal(18, 4)) as demand_amount_group,
        cast(coalesce(judged.promo_base_qty, 0) as decimal(18, 6)) as promo_base_qty,
        coalesce(judged.is_promo, false) as is_promo,
        coalesce(judged.is_one_off, false) as is_one_off,
        -- A flagged month is pulled down to the mean of the demands that are not flagged.
        case
            when judged.is_promo or judged.is_one_off
                then least(
                    cast(judged.demand_base_qty as decimal(18, 6)),
                    coalesce(filled.usual_base_qty, cast(judged.demand_base_qty as decimal(18, 6)))
                )
            else cast(coalesce(judged.demand_base_qty, 0) as decimal(18, 6))
        end as cleansed_base_qty
    from filled
    left join judged
        on filled.entity_id = judged.entity_id
        and filled.product_family = judged.product_family
        and filled.month_index = judged.month_index

)

select * from final
