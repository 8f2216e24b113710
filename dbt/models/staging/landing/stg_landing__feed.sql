{%- if execute -%}
{%- for node in tierline.feed_contracts() %}
select
    '{{ node.source_name }}' as system,
    '{{ node.name }}' as feed,
    {{ node.config.meta.get('required', false) }} as is_required,
    {{ node.config.meta.get('large', false) }} as is_large,
    cast({{ node.config.meta.get('freshness_hours', 'null') }} as bigint) as freshness_hours,
    '{{ node.config.meta.get('owner', '') }}' as owner
{{ 'union all' if not loop.last }}
{%- endfor -%}
{%- else -%}
select 1 as system
{%- endif -%}
