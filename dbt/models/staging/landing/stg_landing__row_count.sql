{%- if execute -%}
{%- set expected = [] -%}
{%- for node in tierline.feed_contracts() -%}{%- do expected.append((node.source_name, node.name)) -%}{%- endfor -%}
{%- if expected | sort != tierline.feed_list() | sort -%}
{{ exceptions.raise_compiler_error('The feeds of macros/feed_list.sql are not those of the contracts. Run `make docs`.') }}
{%- endif -%}
{%- endif -%}

{% for system, name in tierline.feed_list() %}
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
{{ 'union all' if not loop.last }}
{% endfor %}
