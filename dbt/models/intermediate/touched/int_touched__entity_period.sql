{%- set lines = ref('int_invoice__line') -%}
{%- set touched_invoices = ref('int_touched__invoice') -%}
{%- set serving_costs = ref('int_profit__serving_cost') -%}
{%- set averages = ref('int_profit__landed_average') -%}
{%- set coverage = ref('int_profit__coverage') -%}
{%- set entities = ref('int_customer__segmentation_entity') -%}
{%- set accounts = ref('stg_finance__gl_account_map') -%}
{%- set last_build = source('state', 'build_state') -%}
{%- set built_averages = source('state', 'built__landed_average') -%}
{%- set built_coverage = source('state', 'built__profit_coverage') -%}
{%- set built_entities = source('state', 'built__customer_entity') -%}
{%- if is_update() -%}
{%- set built = as_built('int_profit__customer_period') -%}
{%- set built_accounts = built_feed('finance', 'gl_account_map') -%}
{%- set year_ago = add_days(add_months('build.as_of', '-12'), '1') -%}
with

-- What every row depends on has changed: which costs are known at all, or what freight recovered is.
everything as (

    {{ changed_rows(coverage, built_coverage, '1 as reason', 'has_invoices, has_freight, has_freight_account') }}

    union all

    {{ changed_rows(accounts, built_accounts, '1 as reason', 'account, statement_line') }}

),

-- Days that came into the last year or left it since the last build.
boundary_days as (

    select {{ year_ago }} as first_day, {{ add_days(year_start(), '-1') }} as last_day
    from {{ last_build }} as build

    union all

    select {{ add_days('build.as_of', '1') }}, {{ as_of() }}
    from {{ last_build }} as build

),

boundary_invoices as (

    select distinct line.invoice_id, line.fiscal_period_id, line.entity_id
    from {{ lines }} as line
    inner join boundary_days as day
        on line.posting_date >= day.first_day
        and line.posting_date <= day.last_day

),

-- A new average holds from its receipt on, for what is posted then and what corrects it.
moved_averages as (

    select product_id, min(valid_from) as first_day
    from (
        {{ changed_rows(
            averages, built_averages, 'product_id, valid_from',
            'product_id, site_id, valid_from, valid_to, average_unit_cost_group'
        ) | indent(8) }}
    ) as moved
    group by product_id

),

recosted as (

    select line.invoice_id, line.fiscal_period_id, line.entity_id
    from {{ lines }} as line
    inner join moved_averages as moved
        on line.product_id = moved.product_id
        and line.posting_date >= moved.first_day

),

-- Corrections belong to the day of what they correct, and are costed as on that day.
moved_origins as (

    select invoice_id from {{ touched_invoices }}
    union
    select invoice_id from boundary_invoices
    union
    select invoice_id from recosted

),

moved_entities as (

    {{ changed_rows(
        '(select distinct entity_id from ' ~ entities ~ ' where is_excluded) as entity',
        '(select distinct entity_id from ' ~ built_entities ~ ' where is_excluded) as entity',
        'entity_id', 'entity_id'
    ) }}

),

-- Costs beside the goods are few: they are compared with what the last build made of them.
built_costs as (

    select * from {{ built }}
    where {% for name in serving_counts() %}{{ name }}_count > 0{{ ' or ' if not loop.last }}{% endfor %}

),

moved_costs as (

    {{ changed_rows(serving_costs, 'built_costs', 'fiscal_period_id, entity_id', serving_columns()) }}

),

touched as (

    select line.fiscal_period_id, line.entity_id
    from {{ lines }} as line
    where line.invoice_id in (select touched.invoice_id from {{ touched_invoices }} as touched)

    union

    select built_fiscal_period_id, built_entity_id from {{ touched_invoices }}

    union

    select fiscal_period_id, entity_id from boundary_invoices

    union

    select fiscal_period_id, entity_id from recosted

    union

    select line.fiscal_period_id, line.entity_id
    from {{ lines }} as line
    where line.ref_invoice_id in (select moved_origins.invoice_id from moved_origins)

    union

    select fiscal_period_id, entity_id from moved_costs

    union

    select fiscal_period_id, entity_id from {{ built }}
    where entity_id in (select moved_entities.entity_id from moved_entities)
        or exists (select 1 from everything)

)

select distinct fiscal_period_id, coalesce(entity_id, '-1') as entity_id from touched where fiscal_period_id is not null
{%- else -%}
select fiscal_period_id, entity_id from {{ lines }} where 1 = 0
{%- endif %}
