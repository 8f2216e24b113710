{#-
    Staging is one shape for every feed: the contract's columns in the contract's types, blank text
    as null, the newest revision of each key. Add a column to the contract and it is here.
-#}

{% macro feed_contract(system, feed) %}
    {% for node in graph.sources.values() %}
        {% if node.source_name == system and node.name == feed %}{{ return(node) }}{% endif %}
    {% endfor %}
    {{ exceptions.raise_compiler_error("No contract for feed " ~ system ~ "." ~ feed) }}
{% endmacro %}

{% macro typed_column(name, data_type) -%}
    {%- if data_type == 'varchar' -%} nullif(trim({{ name }}), '')
    {%- elif data_type == 'timestamp' -%} {{ tierline.parse_utc("nullif(trim(" ~ name ~ "), '')") }}
    {%- else -%} cast(nullif(trim({{ name }}), '') as {{ data_type }})
    {%- endif -%}
{%- endmacro %}

{#- Does row `left` have the key of row `right`? A null key part equals null. -#}
{% macro same_key(left, right, key, contract) -%}
    {%- for name in key -%}
        {%- set nullable = contract.columns[name].config.meta.get('nullable', false) -%}
        {%- if nullable -%} coalesce({{ left }}.{{ name }}, '') = coalesce({{ right }}.{{ name }}, '')
        {%- else -%} {{ left }}.{{ name }} = {{ right }}.{{ name }}
        {%- endif -%}
        {{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#-
    Keys as lists of columns, for `(...) in (select ...)`, which is ten times as fast on DuckDB as
    the same `exists`. A part that may be null counts as empty text. A staged row and a typed raw
    row have equal lists when their keys are equal.
-#}
{% macro raw_key(row, contract) -%}
    {%- for name in contract.config.meta.key -%}
        {%- set nullable = contract.columns[name].config.meta.get('nullable', false) -%}
        {{ 'coalesce(' ~ row ~ '.' ~ name ~ ", '')" if nullable else row ~ '.' ~ name }}
        {{- ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro staged_key(row, contract) -%}
    {%- for name in contract.config.meta.key -%}
        {%- set nullable = contract.columns[name].config.meta.get('nullable', false) -%}
        {{ 'coalesce(cast(' ~ row ~ '.' ~ name ~ " as string), '')" if nullable else row ~ '.' ~ name }}
        {{- ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro typed_key(row, contract) -%}
    {%- for name in contract.config.meta.key -%}
        {%- set column = contract.columns[name] -%}
        {%- set typed = tierline.typed_column(row ~ '.' ~ name, column.data_type) -%}
        {{ 'coalesce(cast(' ~ typed ~ " as string), '')" if column.config.meta.get('nullable', false) else typed }}
        {{- ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Keys of the rows in batches that came or went. -#}
{% macro delta_keys(relation, contract) -%}
    select {{ tierline.raw_key('delta', contract) }} from {{ tierline.delta_of(relation) }} as delta
{%- endmacro %}

{% macro stage_feed(system, feed) %}
{%- set relation = source(system, feed) -%}
{%- if execute -%}
{%- set contract = tierline.feed_contract(system, feed) -%}
{%- set key = contract.config.meta.key -%}
with

landed as {{ tierline.streamed() if not is_incremental() else '' }} (

    select * from {{ relation }} as landed
    {% if is_incremental() -%}
    where ({{ tierline.raw_key('landed', contract) }}) in ({{ tierline.delta_keys(relation, contract) }})
        -- Batches that hold such a key, found by the key columns alone: the others are not read.
        and landed._batch_id in (
            select distinct holder._batch_id from {{ relation }} as holder
            where ({{ tierline.raw_key('holder', contract) }}) in ({{ tierline.delta_keys(relation, contract) }})
        )
    {%- endif %}

),

revised as (

    -- Few keys come more than once; only those need to be ranked.
    select {{ key | join(', ') }}, min(_known_at) as first_known_at, count(*) as revision_count
    from landed
    group by {{ key | join(', ') }}
    having count(*) > 1

),

ranked as (

    select
        landed.*,
        revised.first_known_at,
        revised.revision_count,
        row_number() over (
            partition by {% for name in key %}landed.{{ name }}{{ ', ' if not loop.last }}{% endfor %}
            order by landed._extracted_at desc, landed._batch_id desc, landed._source_row desc
        ) as revision_rank
    from landed
    inner join revised on {{ tierline.same_key('landed', 'revised', key, contract) }}

),

newest as (

    select
        {% for column in contract.columns.values() -%} landed.{{ column.name }},
        {% endfor -%}
        landed._batch_id, landed._op, landed._extracted_at, landed._known_at, 1 as revision_count
    from landed
    where not exists (
        select 1 from revised where {{ tierline.same_key('landed', 'revised', key, contract) }}
    )

    union all

    select
        {% for column in contract.columns.values() -%} {{ column.name }},
        {% endfor -%}
        _batch_id, _op, _extracted_at, first_known_at, revision_count
    from ranked
    where revision_rank = 1

)

select
    {% for column in contract.columns.values() -%}
    {{ tierline.typed_column(column.name, column.data_type) }} as {{ column.name }},
    {% endfor -%}
    _batch_id,
    cast(_extracted_at as timestamp) as _extracted_at,
    cast(_known_at as timestamp) as _known_at,
    cast(revision_count as bigint) as _revision_count
from newest
where coalesce(_op, 'U') <> 'D'
{%- else -%}
select * from {{ relation }}
{%- endif -%}
{% endmacro %}
