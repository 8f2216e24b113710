{#-
    An amount in group currency: times the day's rate, or as it is where it is in group currency
    already. Null where the day has no rate. `rates` must be joined under that name.
-#}
{% macro in_group_currency(amount, currency) -%}
{{ times(amount, "case when " ~ currency ~ " = '" ~ var('group_currency') ~ "' then 1 else rates.rate end") }}
{%- endmacro %}
