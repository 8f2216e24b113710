{#-
    What is earned, spelled once because the P&L and the year of a customer both say it. `row` has
    the additive columns of `int_profit__customer_period`. A line of a pure amount, such as a price
    correction, needs no cost of goods; a line with a quantity does.
-#}

{#- Additive columns without `_count` and `_group`: what was sold, and what serving cost beside the goods. -#}
{% macro sold_counts() %}
    {{ return([
        'invoice_lines', 'goods_lines', 'costed_lines', 'booked_lines', 'landed_lines', 'below_cost_lines'
    ]) }}
{% endmacro %}

{% macro sold_amounts() %}
    {{ return([
        'gross_amount', 'discount_amount', 'freight_recovered_amount', 'net_amount', 'rebate_amount',
        'net_revenue', 'costed_net_revenue', 'cogs_amount', 'landed_cogs_amount', 'landed_part_cost'
    ]) }}
{% endmacro %}

{% macro serving_counts() %}
    {{ return([
        'freight_charges', 'freight_unpriced', 'sample_lines', 'sample_uncosted',
        'activity_cost', 'working_capital_charge', 'bad_debt', 'activity_unpriced'
    ]) }}
{% endmacro %}

{% macro serving_costs() %}
    {{ return(['freight_amount', 'sample_cost', 'activity_cost', 'working_capital_charge', 'bad_debt']) }}
{% endmacro %}

{#- The columns of `int_profit__serving_cost`, with its grain. -#}
{% macro serving_columns() -%}
entity_id, product_family, fiscal_period_id, is_last_year
{%- for name in serving_counts() %}, {{ name }}_count{% endfor %}
{%- for name in serving_costs() %}, {{ name }}_group{% endfor %}
{%- endmacro %}

{#- Null where goods were sold and the cost of none is known; else revenue without a cost is left out. -#}
{% macro gross_profit(row) -%}
case
    when {{ row }}.goods_lines_count = 0 or {{ row }}.costed_lines_count > 0
        then {{ row }}.costed_net_revenue_group - {{ row }}.landed_cogs_amount_group
end
{%- endmacro %}

{#- Why the amounts or the profit are not there; null where they are. -#}
{% macro profit_null_reason(row, coverage) -%}
case
    when not {{ coverage }}.has_invoices then 'no invoice in the sources'
    when {{ row }}.goods_lines_count > 0 and {{ row }}.costed_lines_count = 0 then 'no cost of goods is known'
end
{%- endmacro %}

{#- Which cost the goods are at. -#}
{% macro goods_cost_basis(row) -%}
case
    when {{ row }}.costed_lines_count = 0 then 'no cost of goods'
    when {{ row }}.landed_lines_count = 0 then 'standard cost stated on the invoice line'
    when {{ row }}.landed_lines_count = {{ row }}.costed_lines_count then 'landed cost'
    else 'landed cost where it is known, else standard cost'
end
{%- endmacro %}

{#- What all of serving cost, as far as it is measured: what is not counts as nothing here. -#}
{% macro cost_to_serve(row) -%}
({% for name in serving_costs() %}{{ row }}.{{ name }}_group{{ ' + ' if not loop.last }}{% endfor %})
{%- endmacro %}

{#- What the cost of serving is made of; `row` says what is measured. -#}
{% macro cost_to_serve_basis(row) -%}
'samples'
|| case when {{ row }}.has_freight then ', attributed freight' else '' end
|| case when {{ row }}.has_activity_cost then ', activities' else '' end
|| case when {{ row }}.has_working_capital_charge then ', working capital' else '' end
|| case when {{ row }}.has_bad_debt then ', bad debt' else '' end
|| case
    when {{ row }}.has_freight
        and {{ row }}.has_activity_cost
        and {{ row }}.has_working_capital_charge
        and {{ row }}.has_bad_debt
        then ''
    else '; not yet measured: ' || substring(
        case when {{ row }}.has_freight then '' else ', freight' end
        || case when {{ row }}.has_activity_cost then '' else ', activities' end
        || case when {{ row }}.has_working_capital_charge then '' else ', working capital' end
        || case when {{ row }}.has_bad_debt then '' else ', bad debt' end, 3
    )
end
{%- endmacro %}

{#- First day of the twelve months that end with the logical date. -#}
{% macro year_start() %}{{ tierline.add_days(tierline.add_months(tierline.as_of(), '-12'), '1') }}{% endmacro %}

{#- Rows of entities and periods whose profit is computed anew in an update. -#}
{% macro only_touched_profit(word, row='') -%}
    {%- set columns = [row ~ 'fiscal_period_id', 'coalesce(' ~ row ~ "entity_id, '-1')"] -%}
    {{ only_touched(columns, 'int_touched__entity_period', ['fiscal_period_id', 'entity_id'], word=word) }}
{%- endmacro %}
