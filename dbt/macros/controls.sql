{#-
    Every control gives rows of one shape, so that the gate and the receipt read them alike.
    Add a control as a model `int_control__<slug>` that ends with `control_row`, and name the model
    in `fct_control_result`.
-#}

{#-
    The columns of a control result. Arguments are SQL expressions except the id and the severity.
    A difference within the tolerance passes unless `status` says otherwise. `opened` is the day from
    which on both sides should have agreed; null where a result is no difference between two sides.
-#}
{% macro control_row(control_id, severity, dimension, left, right, detail, tolerance='0', status=none, company='null', period='null', opened='null') %}
    {{- tierline.control_result(
        "'" ~ control_id ~ "'", "'" ~ severity ~ "'", dimension, left, right, detail, tolerance, status, company, period, opened
    ) }}
{%- endmacro %}

{#- The same where one query judges several controls: id and severity are expressions too. -#}
{% macro control_result(control_id, severity, dimension, left, right, detail, tolerance='0', status=none, company='null', period='null', opened='null') %}
    {{ control_id }} as control_id,
    cast({{ dimension }} as string) as dimension,
    cast({{ left }} as decimal(38, 6)) as left_value,
    cast({{ right }} as decimal(38, 6)) as right_value,
    cast(cast({{ left }} as decimal(28, 6)) - cast({{ right }} as decimal(28, 6)) as decimal(38, 6)) as difference,
    cast({{ tolerance }} as decimal(38, 6)) as tolerance,
    {{ severity }} as severity,
    {% if status -%}
    cast({{ status }} as string) as status,
    {%- else -%}
    case
        when abs(cast({{ left }} as decimal(28, 6)) - cast({{ right }} as decimal(28, 6))) <= cast({{ tolerance }} as decimal(28, 6))
            then 'PASS'
        else 'FAIL'
    end as status,
    {%- endif %}
    cast({{ detail }} as string) as detail,
    cast({{ company }} as string) as company_code,
    cast({{ period }} as string) as fiscal_period_id,
    cast({{ opened }} as date) as opened_date
{%- endmacro %}

{#- Nothing was compared: without the feeds that is no data, else nothing is due yet. One row. -#}
{% macro nothing_compared(control_id, severity, results, feed_counts, absent) %}
select
    {{ tierline.control_row(
        control_id, severity, "'all'", '0', '0',
        "case when least(" ~ feed_counts | join(', ') ~ ", 1) = 0 then '" ~ absent ~ "' else 'nothing to compare is due yet' end",
        status="case when least(" ~ feed_counts | join(', ') ~ ", 1) = 0 then 'NO_DATA' else 'PASS' end"
    ) }}
from feed_sizes
where not exists (select 1 from {{ results }} where control_id = '{{ control_id }}')
{%- endmacro %}

{#- Rows that show where a control fails; the summary row beside them has the total. -#}
{% macro sample_size() %}{{ return(100) }}{% endmacro %}

{#-
    Limit of a control for a feed: the feed's own row of `seeds/policy/gate_limit.csv`, else the
    one for every feed. `feed` is an SQL expression.
-#}
{% macro gate_limit(control_id, limit_name, feed="'*'") -%}
coalesce(
    (select max(own.limit_value) from {{ ref('gate_limit') }} as own
    where own.control_id = '{{ control_id }}' and own.limit_name = '{{ limit_name }}' and own.feed = {{ feed }}),
    (select max(common.limit_value) from {{ ref('gate_limit') }} as common
    where common.control_id = '{{ control_id }}' and common.limit_name = '{{ limit_name }}' and common.feed = '*')
)
{%- endmacro %}

{#- The contracts of all feeds, by name. The landing ledger and the state are sources but no feeds. -#}
{% macro feed_contracts() %}
    {%- set found = [] -%}
    {%- for node in graph.sources.values() if node.config.meta.get('key') -%}{%- do found.append(node) -%}{%- endfor -%}
    {{ return(found | sort(attribute='unique_id')) }}
{% endmacro %}
