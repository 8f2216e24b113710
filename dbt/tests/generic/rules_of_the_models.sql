{#-
    The imputation policy has one row for each rule that a model uses, and no other. A company may
    bring its own policy folder: what does not fit is an error that names file, row and column,
    because its reader is a business owner.
-#}
{% test rules_of_the_models(model) %}
{%- if execute -%}
    {%- set found = run_query('select rule_id, metric, max_age_days, log_as from ' ~ model ~ ' order by rule_id') -%}
    {%- set faults = tierline.imputation_faults(found.rows) -%}
    {%- if faults -%}
        {{ exceptions.raise_compiler_error('seeds/policy/imputation_rule.csv: ' ~ faults | join('; ')) }}
    {%- endif -%}
{%- endif -%}
select rule_id from {{ model }} where rule_id is null
{% endtest %}
