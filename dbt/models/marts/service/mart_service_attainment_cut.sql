{%- set parts = {
    'OTIF': ['otif_count', 'judged_count'],
    'IN_FULL': ['in_full_count', 'judged_count'],
    'ON_TIME': ['on_time_count', 'judged_count'],
    'UNIT_FILL_RATE': ['filled_qty', 'judged_qty'],
} -%}
{%- set sums = ['judged_count', 'otif_count', 'in_full_count', 'on_time_count', 'judged_qty', 'filled_qty'] -%}
{%- set cuts = {'ALL': "'*'", 'REGION': 'region', 'SITE': 'site_id', 'PRODUCT_CLASS': 'product_class'} -%}
with

lines as (

    select
        line.segment_at_order_key as segment_key,
        {{ month_start('line.due_first_date') }} as due_month,
        coalesce(site.country, '(unknown)') as region,
        coalesce(line.ship_from_site_id, '(unknown)') as site_id,
        coalesce(article.product_family, '(unknown)') as product_class,
        line.entity_id,
        line.promised_otif,
        line.countable_base_qty,
        line.is_reported_first,
        line.is_restated_first,
        line.delivered_by_due_first_base_qty as delivered_qty,
        line.is_otif_first as is_otif,
        line.is_in_full_first as is_in_full,
        line.is_on_time_first as is_on_time,
        case
            when line.is_restated_first then line.delivered_by_due_first_reported_base_qty
            else line.delivered_by_due_first_base_qty
        end as delivered_qty_then,
        case when line.is_restated_first then line.is_otif_first_reported else line.is_otif_first end as is_otif_then,
        case when line.is_restated_first then line.is_in_full_first_reported else line.is_in_full_first end
            as is_in_full_then,
        case when line.is_restated_first then line.is_on_time_first_reported else line.is_on_time_first end
            as is_on_time_then
    from {{ ref('fct_order_line_service') }} as line
    left join {{ ref('int_customer__site') }} as site on line.ship_to_site_id = site.site_id
    left join {{ ref('int_product__article') }} as article on line.product_id = article.product_id
    where line.is_due_first
        and line.is_otif_first is not null

),

-- The lines are read once; what is left is small.
small as (

    select
        segment_key,
        due_month,
        region,
        site_id,
        product_class,
        {% for suffix in ['', '_then'] -%}
        count(is_otif{{ suffix }}) as judged_count{{ suffix }},
        sum(case when is_otif{{ suffix }} then 1 else 0 end) as otif_count{{ suffix }},
        sum(case when is_in_full{{ suffix }} then 1 else 0 end) as in_full_count{{ suffix }},
        sum(case when is_on_time{{ suffix }} then 1 else 0 end) as on_time_count{{ suffix }},
        sum(case when is_otif{{ suffix }} is not null then countable_base_qty else 0 end) as judged_qty{{ suffix }},
        sum(
            case
                when is_otif{{ suffix }} is not null then least(delivered_qty{{ suffix }}, countable_base_qty)
                else 0
            end
        ) as filled_qty{{ suffix }},
        {% endfor -%}
        sum(case when is_restated_first then 1 else 0 end) as restated_count
    from lines
    group by segment_key, due_month, region, site_id, product_class

),

cut as (

    {% for name, value in cuts.items() -%}
    select
        segment_key,
        due_month,
        '{{ name }}' as cut,
        {{ value }} as cut_value,
        {% for suffix in ['', '_then'] -%}
        {% for column in sums -%}
        sum({{ column }}{{ suffix }}) as {{ column }}{{ suffix }},
        {% endfor -%}
        {% endfor -%}
        sum(restated_count) as restated_count
    from small
    group by segment_key, due_month{{ '' if name == 'ALL' else ', ' ~ value }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

measured as (

    {% for metric, columns in parts.items() -%}
    select
        segment_key, due_month, cut, cut_value, '{{ metric }}' as metric_id,
        cast({{ columns[0] }} as decimal(38, 6)) as numerator,
        cast({{ columns[1] }} as decimal(38, 6)) as denominator,
        cast({{ columns[0] }}_then as decimal(38, 6)) as numerator_then,
        cast({{ columns[1] }}_then as decimal(38, 6)) as denominator_then,
        judged_count,
        restated_count
    from cut
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- How many customers of the segment got what was promised to them.
customers as (

    select
        segment_key,
        due_month,
        entity_id,
        -- Two shares, compared as whole sums: a mean of doubles depends on their order.
        cast(sum(case when is_otif then 1 else 0 end) as decimal(18, 0)) * cast(count(promised_otif) as decimal(18, 0))
        >= cast(sum(promised_otif) as decimal(18, 6)) * cast(count(*) as decimal(18, 0)) as is_reached
    from lines
    group by segment_key, due_month, entity_id

),

reach as (

    select
        segment_key,
        due_month,
        count(*) as customers_count,
        count(case when is_reached then 1 end) as reached_customers_count
    from customers
    group by segment_key, due_month

),

-- A month stands when every day of it lies in a closed period.
frozen_months as (

    select
        {{ month_start('frozen_day.calendar_date') }} as due_month,
        max(frozen_day.frozen_at) as frozen_at,
        count(*) as frozen_days
    from ({{ frozen_days() }}) as frozen_day
    group by {{ month_start('frozen_day.calendar_date') }}

),

final as (

    select
        measured.segment_key,
        measured.due_month,
        measured.cut,
        measured.cut_value,
        measured.metric_id,
        measured.numerator,
        measured.denominator,
        {{ safe_divide('measured.numerator', 'measured.denominator') }} as value,
        cast(measured.judged_count as bigint) as judged_lines_count,
        case
            when measured.metric_id <> 'UNIT_FILL_RATE'
                then {{ wilson_bound('measured.numerator', 'measured.denominator', '-') }}
        end as wilson_lower,
        case
            when measured.metric_id <> 'UNIT_FILL_RATE'
                then {{ wilson_bound('measured.numerator', 'measured.denominator', '+') }}
        end as wilson_upper,
        frozen.frozen_at,
        case when frozen.frozen_at is not null then measured.numerator_then end as reported_numerator,
        case when frozen.frozen_at is not null then measured.denominator_then end as reported_denominator,
        case when frozen.frozen_at is not null
            then {{ safe_divide('measured.numerator_then', 'measured.denominator_then') }} end as reported_value,
        cast(case when frozen.frozen_at is not null then measured.restated_count else 0 end as bigint)
            as restated_lines_count,
        cast(case when measured.cut = 'ALL' and measured.metric_id = 'OTIF' then reach.customers_count end as bigint)
            as customers_count,
        cast(case when measured.cut = 'ALL' and measured.metric_id = 'OTIF' then reach.reached_customers_count end as bigint)
            as reached_customers_count
    from measured
    left join reach
        on measured.segment_key = reach.segment_key
        and measured.due_month = reach.due_month
    left join frozen_months as frozen
        on measured.due_month = frozen.due_month
        and frozen.frozen_days = {{ days_between('measured.due_month', add_months('measured.due_month', 1)) }}

)

select * from final
