{#-
    The calendar day of a moment at a place. Exactly midnight UTC is how a source that knows only
    the day writes it, so it is taken as that day in every time zone.
-#}
{% macro local_day(at, tz_name) -%}
case
    when {{ at }} = date_trunc('day', {{ at }}) then cast({{ at }} as date)
    else cast({{ tierline.local_time(at, tz_name) }} as date)
end
{%- endmacro %}

{#- The day of a moment in the books of the group: in the time zone of company `*`. -#}
{% macro business_day(at, tz_name) -%}
case
    when coalesce({{ tz_name }}, 'UTC') = 'UTC' then cast({{ at }} as date)
    else {{ tierline.local_day(at, tz_name) }}
end
{%- endmacro %}

{#- The time zone of the group's books, as a subquery with one row. -#}
{% macro group_time_zone() -%}
(select max(company.tz_name) as tz_name from {{ ref('company') }} as company where company.company_code = '*')
{%- endmacro %}
