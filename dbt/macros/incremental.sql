{#-
    Heavy tables are kept up to date by the keys that a batch touched: rows of touched keys are
    deleted and computed anew, so a day costs a day and the result equals a full rebuild
    (`materialization.sql` says how).

    A model says which keys are touched by `config(touched=...)`: the name of the model that lists
    them, or nothing for staging, where the rows of new and withdrawn batches say it. A key is the
    first column of `unique_key`, else the columns that `touched_by` names.
-#}

{#- Large tables are incremental on DuckDB and plain tables elsewhere. -#}
{% macro large_table() %}{{ return('incremental' if target.type == 'duckdb' else 'table') }}{% endmacro %}

{#- Rows of batches that came or went since the last build; registered beside each raw view. -#}
{% macro delta_of(relation) %}{{ relation.incorporate(path={'identifier': relation.identifier ~ '__delta'}) }}{% endmacro %}

{#-
    `where`/`and` clause that keeps only touched keys in an incremental run. `of` is the table that is
    read, where keys of one day do not lie side by side in it (documents of several number ranges):
    then their rows are found by the key column first, and other columns are read for those alone.
    A key of several columns is a list, and so are the columns that hold it.
-#}
{% macro only_touched(column, touched_model, key, word='where', of=none) -%}
    {#- The reference stands outside the `if`: dbt collects it while `is_incremental()` is still false. -#}
    {%- set touched_relation = ref(touched_model) -%}
    {%- if is_incremental() -%}
    {%- set touched_keys = tierline.keys_in(touched_relation, [key] if key is string else key) -%}
    {%- if of -%}
    {%- set row, name = column.split('.') -%}
    {{ word }} {{ row }}.rowid in (select held.rowid from {{ of }} as held where held.{{ name }} in ({{ touched_keys }}))
    {%- else -%}
    {{ word }} {{ column if column is string else '(' ~ column | join(', ') ~ ')' }} in ({{ touched_keys }})
    {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- The touched keys, as a subquery. -#}
{% macro keys_in(touched_relation, key) -%}
    {{ return('select touched.' ~ key | join(', touched.') ~ ' from ' ~ touched_relation ~ ' as touched') }}
{%- endmacro %}

{#- The columns by which a model is brought up to date, from its configuration. -#}
{% macro touched_key(config) %}{{ return(config.get('touched_by') or config.get('unique_key')[:1]) }}{% endmacro %}

{#- The same for a test, which knows the model by its relation: all rows unless this is an update. -#}
{% macro where_touched(relation) -%}
    {%- if is_update() -%}
    {%- for node in graph.nodes.values()
        if node.name == relation.identifier and node.config.get('touched') -%}
    {%- set key = tierline.touched_key(node.config) -%}
    {%- set touched_relation = relation.incorporate(
        path={'schema': 'intermediate', 'identifier': node.config.get('touched')}
    ) -%}
    where ({{ key | join(', ') }}) in ({{ tierline.keys_in(touched_relation, key) }})
    {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- Of masters that somebody maintains every day, the columns that facts are made from. Change of
    another column touches no fact; a convention test holds the models to this list. -#}
{% macro columns_in_facts(feed) %}
    {{ return({'product': ['product_id', 'base_uom', 'family', 'is_kit', 'is_hazmat', 'is_cold_chain']}.get(feed)) }}
{% endmacro %}

{#-
    Keys of which something that facts are made from differs from the copy kept by the last
    successful build (schema `state`, written by the build), for small feeds that come as full
    extracts every day.
-#}
{% macro changed_keys(system, feed, key) %}
    {%- set staged = ref('stg_' ~ system ~ '__' ~ feed) -%}
    {%- if execute -%}
    {%- set contract = tierline.feed_contract(system, feed) -%}
    {%- set columns = tierline.columns_in_facts(feed) or contract.columns.keys() -%}
    {{ tierline.changed_rows(staged, tierline.built_feed(system, feed), key, columns | join(', ')) }}
    {%- else -%}
    select {{ key }} from {{ staged }}
    {%- endif -%}
{% endmacro %}

{#- A small feed as the last build saw it. The build keeps a copy where a model names the feed in a call
    of this macro or of `changed_keys`. -#}
{% macro built_feed(system, feed) -%}
{{ return(api.Relation.create(database=target.database, schema='state', identifier='built__' ~ system ~ '__' ~ feed)) }}
{%- endmacro %}

{#- Keys of the rows that are in one of two relations only. -#}
{% macro changed_rows(current, built, key, columns) -%}
    select {{ key }} from (
        (select {{ columns }} from {{ current }} except select {{ columns }} from {{ built }})
        union all
        (select {{ columns }} from {{ built }} except select {{ columns }} from {{ current }})
    ) as changed
{%- endmacro %}
