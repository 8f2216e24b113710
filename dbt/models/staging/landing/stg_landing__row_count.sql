{%- if execute -%}
{%- set expected = [] -%}
{%- for node in tierline.feed_contracts() -%}{%- do expected.append((node.source_name, node.name)) -%}{%- endfor -%}
{%- if expected | sort != tierline.feed_list() | sort -%}
{{ exceptions.raise_compiler_error('The feeds of macros/feed_list.sql are not those of the contracts. Run `make docs`.') }}
{%- endif -%}
{%- endif -%}

{#- A feed of which no batch came or went has the counts of the last build. -#}
{%- set kept = load_relation(this) if is_update() else none -%}
{%- set feeds = [] -%}
{%- for system, name in tierline.feed_list() -%}
{%- if not kept or system ~ '.' ~ name in var('changed_feeds') -%}{%- do feeds.append((system, name)) -%}{%- endif -%}
{%- endfor -%}

{% for system, name in feeds %}
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
    select cast(count(*) as bigint) as deleted_rows
    from {{ raw_relation }} as landed
    where ({{ tierline.raw_key('landed', contract) }}) in (
        select {{ tierline.raw_key('deletion', contract) }} from {{ raw_relation }} as deletion where deletion._op = 'D'
    )
    and ({{ tierline.typed_key('landed', contract) }}) not in (
        select {{ tierline.staged_key('kept', contract) }} from {{ staged_relation }} as kept
        where ({{ tierline.staged_key('kept', contract) }}) in (
            select {{ tierline.typed_key('deletion', contract) }} from {{ raw_relation }} as deletion where deletion._op = 'D'
        )
    )
    {%- else %}
    select 0 as deleted_rows
    {%- endif %}
) as deleted
{{ 'union all' if kept or not loop.last }}
{% endfor %}
{%- if kept -%}
select system, feed, staged_rows, staged_revisions, deleted_rows
from {{ kept }}
{%- if feeds %}
where not (
    {%- for system, name in feeds %}
    {{ 'or ' if not loop.first }}system = '{{ system }}' and feed = '{{ name }}'
    {%- endfor %}
)
{%- endif %}
{%- endif -%}
