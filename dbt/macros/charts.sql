{#- Intervals and limits of figures that repeat. `dagster_project/monitoring/charts.py` says the same in Python. -#}

{#-
    Bound of a share by E. B. Wilson (JASA 22, 1927), 95 %; `side` is - for the lower, + for the upper.
    Both numbers are counts; null without any.
-#}
{% macro wilson_bound(successes, n, side) -%}
{%- set z, count = '1.959963984540054', 'cast(' ~ n ~ ' as double)' -%}
{%- set share = '(cast(' ~ successes ~ ' as double) / ' ~ count ~ ')' -%}
case
    when {{ n }} > 0 then cast(round(
        ({{ share }} + {{ z }} * {{ z }} / (2 * {{ count }})
            {{ side }} {{ z }} * sqrt(
                {{ share }} * (1 - {{ share }}) / {{ count }}
                + {{ z }} * {{ z }} / (4 * {{ count }} * {{ count }})
            ))
        / (1 + {{ z }} * {{ z }} / {{ count }}), 10
    ) as decimal(18, 10))
end
{%- endmacro %}

{#-
    The rule of D. J. Wheeler (Understanding Variation, 2000) that a value breaks, the first that it
    does: beyond a natural limit, eight in a row on one side of the mean, three of four nearer to a
    limit than to the mean. Columns x, mean, lower and upper must be there.
-#}
{% macro chart_signal(series, over_time) -%}
{%- set rows = 'over (partition by ' ~ series ~ ' order by ' ~ over_time ~ ' rows between ' -%}
{%- set near = {
    'LOWER': 'x < (mean_value + lower_limit) / 2',
    'UPPER': 'x > (mean_value + upper_limit) / 2',
} -%}
case
    when x < lower_limit then 'BELOW_LIMIT'
    when x > upper_limit then 'ABOVE_LIMIT'
    when sum(case when x < mean_value then 1 else 0 end) {{ rows }} 7 preceding and current row) = 8 then 'RUN_BELOW'
    when sum(case when x > mean_value then 1 else 0 end) {{ rows }} 7 preceding and current row) = 8 then 'RUN_ABOVE'
    {% for side, condition in near.items() -%}
    when {{ condition }}
        and sum(case when {{ condition }} then 1 else 0 end) {{ rows }} 3 preceding and current row) >= 3
        then 'NEAR_{{ side }}_LIMIT'
    {% endfor -%}
end
{%- endmacro %}
