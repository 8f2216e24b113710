{#-
    How a table comes to be on DuckDB: replaced by one statement, or brought up to date by the keys
    that were touched, in one transaction either way. dbt-duckdb's own materializations ask the
    catalogue some ten questions per table (indexes, foreign keys, grants) and rename twice; with a
    hundred small models that is most of the time of one more day. Spark uses dbt-spark's own.
-#}

{% materialization table, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {% call statement('main') -%}
        {{ tierline.replace_table(target_relation, compiled_code) }}
    {%- endcall %}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% materialization incremental, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {% call statement('main') -%}
        {%- if is_incremental() -%}
        {{ tierline.update_touched(target_relation, compiled_code) }}
        {%- else -%}
        {{ tierline.replace_table(target_relation, compiled_code) }}
        {%- endif -%}
    {%- endcall %}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- An enforced contract gives the table its types and NOT NULL. Whether the columns are those of the
    contract is asked when everything is built anew: an update runs the same code. -#}
{% macro replace_table(relation, sql) -%}
    {%- if config.get('contract').enforced -%}
    {%- if not is_update() -%}{{ get_assert_columns_equivalent(sql) }}{%- endif -%}
    begin transaction;
    create or replace table {{ relation }} {{ get_table_columns_and_constraints() }};
    insert into {{ relation }} by name {{ get_select_subquery(sql) }};
    commit;
    {%- else -%}
    create or replace table {{ relation }} as {{ sql }};
    {%- endif -%}
{%- endmacro %}

{#- Rows of touched keys are deleted and come anew. They are computed before, from the old rows. -#}
{% macro update_touched(relation, sql) -%}
    {%- set fresh = relation.identifier ~ '__fresh' -%}
    create or replace temporary table {{ fresh }} as {{ sql }};
    begin transaction;
    {{ tierline.note_months(relation, fresh) }}
    delete from {{ relation }} as old where {{ tierline.is_touched('old') }};
    insert into {{ relation }} by name select * from {{ fresh }};
    commit;
    drop table {{ fresh }};
{%- endmacro %}

{#- Months in which rows go or come, of tables that are released month by month: the others need not be
    digested again. `release_months` says by table what the month of a row is. -#}
{% macro note_months(relation, fresh) -%}
    {%- set month = var('release_months', {}).get(relation.identifier) -%}
    {%- if month -%}
    insert into state.updated_month
    select '{{ relation.identifier }}', cast({{ month }} as varchar) from {{ relation }} as old where {{ tierline.is_touched('old') }}
    union
    select '{{ relation.identifier }}', cast({{ month }} as varchar) from {{ fresh }};
    {%- endif -%}
{%- endmacro %}

{#- Does a row of the table belong to a touched key? Staging: to the key of a row that came or went. -#}
{% macro is_touched(row) -%}
    {%- if config.get('touched') -%}
    {%- set key = tierline.touched_key(config) -%}
    ({{ row }}.{{ key | join(', ' ~ row ~ '.') }}) in ({{ tierline.keys_in(ref(config.get('touched')), key) }})
    {%- else -%}
    {%- set system, feed = config.require('feed') -%}
    {%- set contract = tierline.feed_contract(system, feed) -%}
    ({{ tierline.staged_key(row, contract) }}) in (
        select {{ tierline.typed_key('delta', contract) }}
        from {{ tierline.delta_of(source(system, feed)) }} as delta
    )
    {%- endif -%}
{%- endmacro %}
