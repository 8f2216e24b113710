{#-
    Looking up the segment of an entity at a date. A fact carries the latest belief, whatever was
    believed when the fact happened; a question about an earlier belief passes `known_at`.
-#}

{#- The entity of a customer on a date: before the last change of its family it was in another one.
    `entities` is the alias of `int_customer__segmentation_entity`. -#}
{% macro entity_on(entities, on_date) -%}
case
    when cast({{ on_date }} as date) < {{ entities }}.former_until_date then {{ entities }}.former_entity_id
    else {{ entities }}.entity_id
end
{%- endmacro %}

{#- The scheme whose segments the facts carry. -#}
{% macro fact_scheme() %}{{ return('service') }}{% endmacro %}

{#-
    A join that finds the segment of an entity on a date; at most one row matches.

    entity, on_date: SQL expressions of the fact; alias: name of the joined rows; known_at: a
    timestamp expression, or nothing for the latest belief.
-#}
{% macro segment_asof(entity, on_date, alias, scheme=none, known_at=none) -%}
left join {{ ref('int_segment__assignment') }} as {{ alias }}
    on {{ entity }} = {{ alias }}.entity_id
    and {{ alias }}.scheme_id = '{{ scheme or tierline.fact_scheme() }}'
    and cast({{ on_date }} as date) >= {{ alias }}.valid_from
    and cast({{ on_date }} as date) < {{ alias }}.valid_to
    {%- if known_at is none %}
    and {{ alias }}.is_latest_belief
    {%- else %}
    and {{ known_at }} >= {{ alias }}.recorded_from
    and {{ known_at }} < {{ alias }}.recorded_to
    {%- endif -%}
{%- endmacro %}

{#- The key that goes into the fact: not applicable without an entity or a date, unknown without a match. -#}
{% macro segment_key_or_unknown(alias, entity, on_date=none) -%}
case
    when {{ entity }} is null {{ 'or ' ~ on_date ~ ' is null' if on_date }} then '-2'
    else coalesce({{ alias }}.segment_key, '-1')
end
{%- endmacro %}

{#- Entities for which a fact would now find another segment than in the last build. -#}
{% macro changed_segment_entities(assignments, built) -%}
{%- set columns = 'scheme_id, entity_id, segment_key, valid_from, valid_to, is_current' -%}
{%- set latest = '(select * from %s where is_latest_belief) as belief' -%}
    {{ changed_rows(latest | replace('%s', assignments), latest | replace('%s', built), 'entity_id', columns) }}
{%- endmacro %}
