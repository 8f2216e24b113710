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
