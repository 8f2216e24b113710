{#-
    What is earned, spelled once because the P&L and the year of a customer both say it. `row` has
    the additive columns of `int_profit__customer_period`. A line of a pure amount, such as a price
    correction, needs no cost of goods; a line with a quantity does.
-#}

{#- Null where goods were sold and the cost of none is known; else revenue without a cost is left out. -#}
{% macro gross_profit(row) -%}
case
    when {{ row }}.goods_lines_count = 0 or {{ row }}.costed_lines_count > 0
        then {{ row }}.costed_net_revenue_group - {{ row }}.cogs_amount_group
end
{%- endmacro %}

{#- Why the amounts or the profit are not there; null where they are. -#}
{% macro profit_null_reason(row, coverage) -%}
case
    when not {{ coverage }}.has_invoices then 'no invoice in the sources'
    when {{ row }}.goods_lines_count > 0 and {{ row }}.costed_lines_count = 0 then 'no cost of goods is known'
end
{%- endmacro %}

{#- What net-to-serve is made of as long as activities are not measured. -#}
{% macro net_to_serve_basis(coverage) -%}
case
    when {{ coverage }}.has_freight
        then 'standard cost and attributed freight; activities, capital and bad debt not yet measured'
    else 'standard cost; freight, activities, capital and bad debt not yet measured'
end
{%- endmacro %}

{#- First day of the twelve months that end with the logical date. -#}
{% macro year_start() %}{{ tierline.add_days(tierline.add_months(tierline.as_of(), '-12'), '1') }}{% endmacro %}
