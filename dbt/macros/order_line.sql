{#- Small words of the order line, spelled once because several models judge by them. -#}

{#- A quantity in the product's base unit; six decimals, so that conversions lose nothing that counts. -#}
{% macro base_quantity(quantity, factor) %}cast(round({{ tierline.times(quantity, factor) }}, 6) as decimal(18, 6)){% endmacro %}

{#- Did the customer cancel while it was free to? Without a cut-off it always is. -#}
{% macro cancelled_in_time(line, fallback_at) -%}
({{ line }}.cancel_cutoff_at is null or coalesce(
    coalesce({{ line }}.cancelled_at, {{ fallback_at }}) <= {{ line }}.cancel_cutoff_at, false
))
{%- endmacro %}

{#-
    First moment and first moment no longer of the delivery window. Judged by DAY both are local
    days of the ship-to written as timestamps; judged by MOMENT they are times in UTC, and a time
    is a minute long.
-#}
{% macro due_start(due) -%}
case
    when early_days is null then null
    when due_test = 'DAY' then cast({{ tierline.add_days(due ~ '_date', '-floor(early_days)') }} as timestamp)
    else {{ tierline.add_minutes(due ~ '_at', '-floor(early_days * 1440)') }}
end
{%- endmacro %}

{% macro due_limit(due) -%}
case
    when due_test = 'DAY' then cast({{ tierline.add_days(due ~ '_date', 'floor(late_days) + 1') }} as timestamp)
    else {{ tierline.add_minutes(due ~ '_at', 'floor(late_days * 1440) + 1') }}
end
{%- endmacro %}
