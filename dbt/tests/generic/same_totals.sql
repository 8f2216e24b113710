{#-
    Does a column add up to the same as a column of another model, per value of `by`, to the last
    decimal? Both sides count: a value that only one of them has is a fault, unless it adds up to
    nothing. `by` may be left out: then the totals are compared.
-#}
{% test same_totals(model, column_name, to, to_column, by=none) %}
{%- set key = by or "'all'" -%}
with

sides as (

    select {{ key }} as cell, {{ column_name }} as amount from {{ model }}

    union all

    select {{ key }} as cell, -1 * {{ to_column }} as amount from {{ to }}

)

select cell, sum(amount) as difference
from sides
group by cell
having sum(coalesce(amount, 0)) <> 0
{% endtest %}
