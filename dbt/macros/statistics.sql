{#- Quantiles of distributions, which no engine knows. -#}

{#-
    The 95 % quantile of chi-squared with a whole number of degrees of freedom; null below one.
    To three decimals up to eleven degrees as in NIST/SEMATECH e-Handbook of Statistical Methods,
    1.3.6.7.4; beyond by E. B. Wilson and M. M. Hilferty (PNAS 17, 1931), to 0.02.
-#}
{% macro chi_square_95(degrees) -%}
{%- set root = "(1 - 2 / (9.0 * " ~ degrees ~ ") + 1.6448536 * sqrt(2 / (9.0 * " ~ degrees ~ ")))" -%}
{%- set table = [3.841, 5.991, 7.815, 9.488, 11.070, 12.592, 14.067, 15.507, 16.919, 18.307, 19.675] -%}
case
    {%- for value in table %}
    when {{ degrees }} = {{ loop.index }} then cast({{ value }} as double)
    {%- endfor %}
    when {{ degrees }} > {{ table | length }}
        then {{ degrees }} * {{ root }} * {{ root }} * {{ root }}
end
{%- endmacro %}
