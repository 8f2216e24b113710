{#-
    dbt must know every staging model when it parses, before it knows the contracts. The list is
    compared with the contracts, so it cannot fall behind.
-#}
{%- set feeds = {
    'crm': ['account', 'case', 'contract', 'contract_sla_term'],
    'erp': [
        'customer', 'customer_role', 'fiscal_calendar', 'fx_rate', 'invoice', 'invoice_line', 'item_cost',
        'product', 'sales_order', 'sales_order_line', 'site', 'uom_conversion', 'working_calendar'
    ],
    'finance': ['cost_pool', 'gl_account_map', 'gl_balance'],
    'sales_ops': ['bookings_report'],
    'tms': ['carrier', 'freight_invoice', 'load', 'load_shipment', 'tracking_event'],
    'wms': ['inventory_snapshot', 'return', 'return_line', 'shipment', 'shipment_line'],
} -%}
{%- if execute -%}
{%- set expected = [] -%}
{%- for node in tierline.feed_contracts() -%}{%- do expected.append(node.source_name ~ '.' ~ node.name) -%}{%- endfor -%}
{%- set listed = [] -%}
{%- for system, names in feeds.items() -%}{%- for name in names -%}{%- do listed.append(system ~ '.' ~ name) -%}{%- endfor -%}{%- endfor -%}
{%- if expected | sort != listed | sort -%}
{{ exceptions.raise_compiler_error('The feeds of stg_landing__row_count are not those of the contracts: ' ~ expected | sort) }}
{%- endif -%}
{%- endif -%}

{% for system, names in feeds.items() %}
{% set outer = loop %}
{% for name in names %}
{%- set raw_relation = source(system, name) -%}
{%- set staged_relation = ref('stg_' ~ system ~ '__' ~ name) -%}
select
    '{{ system }}' as system,
    '{{ name }}' as feed,
    staged.staged_rows,
    staged.staged_revisions,
    deleted.deleted_rows
from (
    select
        cast(count(*) as bigint) as staged_rows,
        cast(coalesce(sum(_revision_count), 0) as bigint) as staged_revisions
    from {{ staged_relation }}
) as staged
cross join (
    -- Rows of keys whose newest revision is a deletion; most feeds have none.
    {%- if execute %}
    {%- set contract = tierline.feed_contract(system, name) %}
    {%- set key = contract.config.meta.key %}
    select cast(count(*) as bigint) as deleted_rows
    from {{ raw_relation }} as landed
    where exists (
        select 1 from {{ raw_relation }} as deletion
        where deletion._op = 'D' and {{ tierline.same_key('deletion', 'landed', key, contract) }}
    )
    and not exists (
        select 1 from {{ staged_relation }} as kept
        where {% for column in key -%}
            coalesce(cast(kept.{{ column }} as string), '')
            = coalesce(cast({{ tierline.typed_column('landed.' ~ column, contract.columns[column].data_type) }} as string), '')
            {{ ' and ' if not loop.last }}
        {%- endfor %}
    )
    {%- else %}
    select 0 as deleted_rows
    {%- endif %}
) as deleted
{{ 'union all' if not (outer.last and loop.last) }}
{% endfor %}
{% endfor %}
