{#-
    What stands in the place of a value that no source delivered. A model that fills in says so in
    its column `imputed_rules`, the log reads that column, and `seeds/policy/imputation_rule.csv` has
    one row per rule. Add a rule here, in the seed and where the value is filled in; a test keeps the
    three together.
-#}

{#-
    Every rule that a model uses. `metric`: what is missing. `log_as`: how policy may have it logged.
    `has_age`: the value has a day from which it grows old, so policy may set `max_age_days`.
-#}
{% macro imputation_rules() %}
    {%- set any = ['row', 'field'] -%}
    {{ return({
        'GEO_POSTCODE': {'metric': 'site.coordinates', 'log_as': ['row']},
        'GEO_COUNTRY': {'metric': 'site.coordinates', 'log_as': ['row']},
        'GEO_NONE': {'metric': 'site.coordinates', 'log_as': ['row']},
        'TZ_UTC': {'metric': 'order.ship_to_time_zone', 'log_as': any},
        'BILL_TO_SOLD_TO': {'metric': 'order.bill_to_customer', 'log_as': ['holder']},
        'PAYER_BILL_TO': {'metric': 'order.payer_customer', 'log_as': ['holder']},
        'INVOICE_BILL_TO': {'metric': 'invoice.bill_to_customer', 'log_as': ['holder']},
        'FIRST_CONFIRMED': {'metric': 'order_line.first_confirmed_at', 'log_as': any},
        'FIRST_CONFIRMED_QTY': {'metric': 'order_line.first_confirmed_qty', 'log_as': any},
        'LAST_CONFIRMED': {'metric': 'order_line.confirmed_at', 'log_as': any},
        'LIST_PRICE': {'metric': 'order_line.list_price', 'log_as': any},
        'CANCELLED_BY_SELLER': {'metric': 'order_line.cancelled_by', 'log_as': any},
        'CANCELLED_AT_REVISION': {'metric': 'order_line.cancelled_at', 'log_as': any},
        'SHIP_FROM_UTC': {'metric': 'order_line.ship_from_time_zone', 'log_as': any},
        'SHIPMENT_FROM_UTC': {'metric': 'shipment_line.ship_from_time_zone', 'log_as': any},
        'SHIPMENT_TO_UTC': {'metric': 'shipment_line.ship_to_time_zone', 'log_as': any},
        'REBATE_ZERO': {'metric': 'invoice_line.rebate_accrual', 'log_as': any},
        'COST_IN_PARTS': {'metric': 'invoice_line.cogs', 'log_as': ['row']},
        'COST_NONE': {'metric': 'invoice_line.cogs', 'log_as': any},
        'FX_CARRY': {'metric': 'exchange_rate.rate', 'log_as': ['row'], 'has_age': true},
        'COMPANY_CURRENCY': {'metric': 'company.local_currency', 'log_as': ['row']},
        'COMPANY_CALENDAR': {'metric': 'company.fiscal_calendar', 'log_as': ['row']},
        'COMPANY_UTC': {'metric': 'company.time_zone', 'log_as': ['row']},
        'WORKING_DAY': {'metric': 'calendar.is_working_day', 'log_as': any},
        'SCORE_NEUTRAL': {'metric': 'segment_score.attribute', 'log_as': ['row']},
        'SCORE_LOWEST': {'metric': 'segment_score.attribute', 'log_as': ['row']},
        'SCORE_LEFT_OUT': {'metric': 'segment_score.attribute', 'log_as': ['row']},
        'EB_RATE': {'metric': 'customer.order_rate', 'log_as': ['row'], 'has_age': true},
        'OWN_RATE': {'metric': 'customer.order_rate', 'log_as': ['row']},
        'NO_RATE': {'metric': 'customer.order_rate', 'log_as': ['row']},
        'EB_SIZE': {'metric': 'customer.order_size', 'log_as': ['row'], 'has_age': true},
        'OWN_SIZE': {'metric': 'customer.order_size', 'log_as': ['row']},
        'NO_SIZE': {'metric': 'customer.order_size', 'log_as': ['row']},
        'TIER_OPPORTUNITY': {'metric': 'customer.default_segment', 'log_as': ['row'], 'has_age': true},
        'TIER_NONE': {'metric': 'customer.default_segment', 'log_as': ['row']}
    }) }}
{% endmacro %}

{#- A rule by its id; a name that nobody declared is an error while the model is compiled. -#}
{% macro imputation_rule_named(rule_id) %}
    {%- set rules = tierline.imputation_rules() -%}
    {%- if rule_id not in rules -%}
        {{ exceptions.raise_compiler_error("No imputation rule " ~ rule_id ~ " in dbt/macros/imputation.sql") }}
    {%- endif -%}
    {{ return(rules[rule_id]) }}
{% endmacro %}

{#- The column `imputed_rules`: the rules whose condition holds, each between bars; null where none does. -#}
{% macro imputed_rules(conditions) -%}
    {%- for rule_id in conditions -%}{%- do tierline.imputation_rule_named(rule_id) -%}{%- endfor -%}
    nullif(
        {%- for rule_id, condition in conditions.items() -%}
        case when {{ condition }} then '|{{ rule_id }}' else '' end || {{ '' }}
        {%- endfor -%}
    '|', '|')
{%- endmacro %}

{#- Did the rule fill in something of this row? False and not null where nothing was filled in. -#}
{% macro is_imputed_by(rule_id, column='imputed_rules') -%}
    {%- do tierline.imputation_rule_named(rule_id) -%}
    ({{ column }} is not null and {{ column }} like '%|{{ rule_id }}|%')
{%- endmacro %}

{#- Days for which policy lets the values of a rule stand; null is for ever. -#}
{% macro max_age_days(rule_id) -%}
    {%- do tierline.imputation_rule_named(rule_id) -%}
    max(case when rule_id = '{{ rule_id }}' then max_age_days end)
{%- endmacro %}

{#- What is wrong between the rows of the policy and the rules that models use, in words. -#}
{% macro imputation_faults(rows) %}
    {%- set rules = tierline.imputation_rules() -%}
    {%- set faults, found = [], [] -%}
    {%- for row in rows -%}
        {%- set rule_id, metric, max_age_days, log_as = row -%}
        {%- do found.append(rule_id) -%}
        {%- set rule = rules.get(rule_id) -%}
        {%- if rule is none -%}
            {%- do faults.append("row " ~ rule_id ~ ": no model has such a rule") -%}
        {%- elif metric != rule.metric -%}
            {%- do faults.append("row " ~ rule_id ~ ", column metric: expected " ~ rule.metric ~ ", found " ~ metric) -%}
        {%- elif log_as not in rule.log_as -%}
            {%- do faults.append("row " ~ rule_id ~ ", column log_as: expected " ~ rule.log_as | join(' or ') ~ ", found " ~ log_as) -%}
        {%- elif max_age_days is not none and not rule.get('has_age') -%}
            {%- do faults.append("row " ~ rule_id ~ ", column max_age_days: its values do not grow old, leave it blank") -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for rule_id in rules if rule_id not in found -%}
        {%- do faults.append("no row " ~ rule_id ~ ", which models use for " ~ rules[rule_id].metric) -%}
    {%- endfor -%}
    {{ return(faults) }}
{% endmacro %}
