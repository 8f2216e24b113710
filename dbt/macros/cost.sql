{#-
    What activities can be counted by. A time standard names one of these words; its minutes times the
    quantity is the time that the activity took, so a time equation is a row per word. Add a word here
    and its quantity in one of the two models below.
-#}

{#- Counted from orders and what left for them (`int_cost__order_volume`). -#}
{% macro order_drivers() %}
    {{ return([
        'order', 'manual_order', 'edi_order', 'rush_order', 'order_line', 'manual_order_line', 'order_change',
        'shipment', 'shipment_line', 'hazmat_line'
    ]) }}
{% endmacro %}

{#- Counted from documents that belong to no order, or only loosely (`int_cost__volume`). -#}
{% macro other_drivers() %}
    {{ return(['invoice', 'return_line', 'case', 'case_minute', 'visit', 'visit_minute']) }}
{% endmacro %}

{% macro cost_drivers() %}{{ return(tierline.order_drivers() + tierline.other_drivers()) }}{% endmacro %}

{#- One column per driver: an SQL expression for those that `given` names, nothing for the others. Minutes
    have digits, all else is counted. -#}
{% macro driver_counts(drivers, given) -%}
{%- for name in drivers -%}
cast({{ given.get(name, '0') }} as {{ 'decimal(18, 4)' if name.endswith('_minute') else 'bigint' }}) as {{ name }}_qty{{ ', ' if not loop.last }}
{%- endfor -%}
{%- endmacro %}
