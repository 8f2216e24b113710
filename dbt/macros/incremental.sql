{#-
    Heavy tables are kept up to date by the keys that a batch touched: rows of touched keys are
    deleted and computed anew, so a day costs a day and the result equals a full rebuild.

    A model says which keys are touched by `config(touched=...)`: the name of the model that lists
    them, or nothing for staging, where the rows of new and withdrawn batches say it.
-#}

{#- Large tables are incremental on DuckDB and plain tables elsewhere. -#}
{% macro large_table() %}{{ return('incremental' if target.type == 'duckdb' else 'table') }}{% endmacro %}

{#- Rows of batches that came or went since the last build; registered beside each raw view. -#}
{% macro delta_of(relation) %}{{ relation.incorporate(path={'identifier': relation.identifier ~ '__delta'}) }}{% endmacro %}

{#- `where`/`and` clause that keeps only touched keys in an incremental run. -#}
{% macro only_touched(column, touched_model, key, word='where') -%}
    {#- The reference stands outside the `if`: dbt collects it while `is_incremental()` is still false. -#}
    {%- set touched_relation = ref(touched_model) -%}
    {%- if is_incremental() -%}
    {{ word }} {{ column }} in (select touched.{{ key }} from {{ touched_relation }} as touched)
    {%- endif -%}
{%- endmacro %}

{% macro get_incremental_touched_sql(arg_dict) %}
    {%- set target_table = arg_dict['target_relation'] -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set key = config.require('unique_key') -%}
    {%- set key = [key] if key is string else key -%}
    {%- set touched_model = config.get('touched') -%}
    {%- if touched_model -%}
    delete from {{ target_table }}
    where {{ key[0] }} in (select touched.{{ key[0] }} from {{ ref(touched_model) }} as touched);
    {%- else -%}
    {%- set contract = tierline.feed_contract(config.get('feed')[0], config.get('feed')[1]) -%}
    delete from {{ target_table }} as old
    where exists (
        select 1 from {{ tierline.delta_of(source(config.get('feed')[0], config.get('feed')[1])) }} as delta
        where {% for name in contract.config.meta.key -%}
            coalesce(cast(old.{{ name }} as string), '')
            = coalesce(cast({{ tierline.typed_column('delta.' ~ name, contract.columns[name].data_type) }} as string), '')
            {{ ' and ' if not loop.last }}
        {%- endfor %}
    );
    {%- endif %}
    insert into {{ target_table }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
{% endmacro %}

{#-
    Keys whose contract columns differ from the copy kept by the last successful build
    (schema `state`, written by the build), for small feeds that come as full extracts every day.
-#}
{% macro changed_keys(system, feed, key) %}
    {%- set staged = ref('stg_' ~ system ~ '__' ~ feed) -%}
    {%- if execute -%}
    {%- set contract = tierline.feed_contract(system, feed) -%}
    {%- set columns = contract.columns.keys() | join(', ') -%}
    {%- set built = staged.incorporate(path={'schema': 'state', 'identifier': 'built__' ~ system ~ '__' ~ feed}) -%}
    select {{ key }} from (
        (select {{ columns }} from {{ staged }} except select {{ columns }} from {{ built }})
        union all
        (select {{ columns }} from {{ built }} except select {{ columns }} from {{ staged }})
    ) as changed
    {%- else -%}
    select {{ key }} from {{ staged }}
    {%- endif -%}
{% endmacro %}
