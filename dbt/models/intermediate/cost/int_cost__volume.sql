{#- A view: the orders stand in a table already, the other documents are few. -#}
{{ config(materialized='view') }}
{%- set drivers = cost_drivers() -%}
{%- set ordered = {} -%}
{%- for name in order_drivers() -%}{%- do ordered.update({name: name ~ '_qty'}) -%}{%- endfor -%}

with

entities as (

    select customer_id, entity_id, former_entity_id, former_until_date
    from {{ ref('int_customer__segmentation_entity') }}

),

accounts as (

    select source_id as account_id, customer_id
    from {{ ref('int_customer__crosswalk') }}
    where source_system = 'crm'

),

billed as (

    select sold_to_customer_id as customer_id, posting_date, count(*) as invoices_count
    from {{ ref('stg_erp__invoice') }}
    group by sold_to_customer_id, posting_date

),

returned as (

    select received_date, entity_id, count(*) as lines_count
    from {{ ref('int_return__line') }}
    where received_date is not null
    group by received_date, entity_id

),

complained as (

    select
        coalesce(staged.customer_id, accounts.customer_id) as customer_id,
        cast(staged.opened_at as date) as opened_date,
        count(*) as cases_count,
        -- Nobody measured the time of some cases: they count by number, not by minutes.
        sum(staged.handle_minutes) as minutes
    from {{ ref('stg_crm__case') }} as staged
    left join accounts on staged.account_id = accounts.account_id
    group by 1, 2

),

visited as (

    select
        accounts.customer_id,
        cast(staged.visited_at as date) as visited_date,
        count(*) as visits_count,
        sum(staged.duration_minutes) as minutes
    from {{ ref('stg_crm__sales_visit') }} as staged
    left join accounts on staged.account_id = accounts.account_id
    group by 1, 2

),

by_customer as (

    select customer_id, posting_date as cost_date, {{ driver_counts(drivers, {'invoice': 'invoices_count'}) }}
    from billed

    union all

    select customer_id, opened_date, {{ driver_counts(drivers, {'case': 'cases_count', 'case_minute': 'coalesce(minutes, 0)'}) }}
    from complained

    union all

    select customer_id, visited_date, {{ driver_counts(drivers, {'visit': 'visits_count', 'visit_minute': 'coalesce(minutes, 0)'}) }}
    from visited

),

events as (

    select
        cost_date,
        entity_id,
        {{ driver_counts(drivers, ordered) }}
    from {{ ref('int_cost__order_volume') }}

    union all

    select received_date, coalesce(entity_id, '-1'), {{ driver_counts(drivers, {'return_line': 'lines_count'}) }}
    from returned

    union all

    select
        by_customer.cost_date,
        coalesce({{ entity_on('entities', 'by_customer.cost_date') }}, '-1'),
        {% for name in drivers -%}
        by_customer.{{ name }}_qty{{ ',' if not loop.last }}
        {% endfor %}
    from by_customer
    left join entities on by_customer.customer_id = entities.customer_id
    where by_customer.cost_date is not null

)

select * from events
