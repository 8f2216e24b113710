{#-
    The words in which DuckDB and Spark differ. Add a macro here when a model needs such a word;
    anything that both engines spell alike stays plain SQL in the model.
    Timestamps are naive and in UTC on both engines; the session time zone is UTC.
-#}

{#- Text in ISO 8601, with or without offset, to a UTC timestamp. -#}
{% macro parse_utc(text) %}{{ return(adapter.dispatch('parse_utc', 'tierline')(text)) }}{% endmacro %}
{#- Most extracts state plain seconds without an offset; only the rest needs the zone-aware, slow way. -#}
{% macro default__parse_utc(text) -%}
case
        when length({{ text }}) = 19 and substring({{ text }}, 17, 1) = ':' then cast({{ text }} as timestamp)
        else cast(cast({{ text }} as timestamptz) as timestamp)
    end
{%- endmacro %}
{% macro spark__parse_utc(text) %}cast({{ text }} as timestamp){% endmacro %}

{#- A common table expression that is read more than once and should be streamed each time. -#}
{% macro streamed() %}{{ return(adapter.dispatch('streamed', 'tierline')()) }}{% endmacro %}
{% macro default__streamed() %}{% endmacro %}
{% macro duckdb__streamed() %}not materialized{% endmacro %}

{#- A whole number that the values of a row give, for comparing rows of one engine with one another. -#}
{% macro row_mark(columns) %}{{ return(adapter.dispatch('row_mark', 'tierline')(columns)) }}{% endmacro %}
{% macro default__row_mark(columns) %}hash({{ columns | join(', ') }}){% endmacro %}
{% macro spark__row_mark(columns) %}xxhash64({{ columns | join(', ') }}){% endmacro %}

{#- A UTC timestamp as wall-clock time in a time zone, and back. -#}
{% macro local_time(at, tz_name) %}{{ return(adapter.dispatch('local_time', 'tierline')(at, tz_name)) }}{% endmacro %}
{% macro default__local_time(at, tz_name) %}timezone({{ tz_name }}, timezone('UTC', {{ at }})){% endmacro %}
{% macro spark__local_time(at, tz_name) %}from_utc_timestamp({{ at }}, {{ tz_name }}){% endmacro %}

{% macro utc_time(local_at, tz_name) %}{{ return(adapter.dispatch('utc_time', 'tierline')(local_at, tz_name)) }}{% endmacro %}
{% macro default__utc_time(local_at, tz_name) %}timezone('UTC', timezone({{ tz_name }}, {{ local_at }})){% endmacro %}
{% macro spark__utc_time(local_at, tz_name) %}to_utc_timestamp({{ local_at }}, {{ tz_name }}){% endmacro %}

{#- Whole and part minutes from one timestamp to another, as a double. -#}
{% macro minutes_between(from_at, to_at) %}{{ return(adapter.dispatch('minutes_between', 'tierline')(from_at, to_at)) }}{% endmacro %}
{% macro default__minutes_between(from_at, to_at) %}(cast(epoch_us({{ to_at }}) - epoch_us({{ from_at }}) as double) / 60000000.0){% endmacro %}
{% macro spark__minutes_between(from_at, to_at) %}(cast(unix_micros({{ to_at }}) - unix_micros({{ from_at }}) as double) / 60000000.0D){% endmacro %}

{% macro add_minutes(at, minutes) %}{{ return(adapter.dispatch('add_minutes', 'tierline')(at, minutes)) }}{% endmacro %}
{% macro default__add_minutes(at, minutes) %}({{ at }} + to_minutes(cast({{ minutes }} as bigint))){% endmacro %}
{% macro spark__add_minutes(at, minutes) %}timestampadd(minute, cast({{ minutes }} as int), {{ at }}){% endmacro %}

{#- Days and months on dates; the count may be a column. -#}
{% macro add_days(day, days) %}{{ return(adapter.dispatch('add_days', 'tierline')(day, days)) }}{% endmacro %}
{% macro default__add_days(day, days) %}cast({{ day }} + to_days(cast({{ days }} as integer)) as date){% endmacro %}
{% macro spark__add_days(day, days) %}date_add({{ day }}, cast({{ days }} as int)){% endmacro %}

{% macro add_months(day, months) %}{{ return(adapter.dispatch('add_months', 'tierline')(day, months)) }}{% endmacro %}
{% macro default__add_months(day, months) %}cast({{ day }} + to_months(cast({{ months }} as integer)) as date){% endmacro %}
{% macro spark__add_months(day, months) %}add_months({{ day }}, cast({{ months }} as int)){% endmacro %}

{% macro days_between(from_day, to_day) %}{{ return(adapter.dispatch('days_between', 'tierline')(from_day, to_day)) }}{% endmacro %}
{% macro default__days_between(from_day, to_day) %}cast(date_diff('day', {{ from_day }}, {{ to_day }}) as bigint){% endmacro %}
{% macro spark__days_between(from_day, to_day) %}cast(datediff({{ to_day }}, {{ from_day }}) as bigint){% endmacro %}

{% macro iso_weekday(day) %}{{ return(adapter.dispatch('iso_weekday', 'tierline')(day)) }}{% endmacro %}
{% macro default__iso_weekday(day) %}cast(isodow({{ day }}) as bigint){% endmacro %}
{% macro spark__iso_weekday(day) %}cast(weekday({{ day }}) + 1 as bigint){% endmacro %}

{% macro iso_week(day) %}{{ return(adapter.dispatch('iso_week', 'tierline')(day)) }}{% endmacro %}
{% macro default__iso_week(day) %}cast(weekofyear({{ day }}) as bigint){% endmacro %}
{% macro spark__iso_week(day) %}cast(weekofyear({{ day }}) as bigint){% endmacro %}

{% macro month_start(day) %}cast(date_trunc('month', {{ day }}) as date){% endmacro %}

{#- `YYYY-MM` of a date, and `YYYY-MM-DD`. -#}
{% macro month_text(day) %}substring(cast(cast({{ day }} as date) as string), 1, 7){% endmacro %}

{#- One row per day of a closed range; the bounds are scalar SQL expressions. Column: calendar_date. -#}
{% macro date_spine(first_day, last_day) %}{{ return(adapter.dispatch('date_spine', 'tierline')(first_day, last_day)) }}{% endmacro %}
{% macro default__date_spine(first_day, last_day) %}
select cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval 1 day)) as date) as calendar_date
{% endmacro %}
{% macro spark__date_spine(first_day, last_day) %}
select explode(sequence({{ first_day }}, {{ last_day }}, interval 1 day)) as calendar_date
{% endmacro %}

{#- Distinct values as one text, sorted, with a separator. -#}
{% macro sorted_text(value, separator='|') %}{{ return(adapter.dispatch('sorted_text', 'tierline')(value, separator)) }}{% endmacro %}
{% macro default__sorted_text(value, separator) %}string_agg(distinct {{ value }}, '{{ separator }}' order by {{ value }}){% endmacro %}
{% macro spark__sorted_text(value, separator) %}nullif(array_join(array_sort(collect_set({{ value }})), '{{ separator }}'), ''){% endmacro %}

{#- SHA-256 of a text in UTF-8, as hex. -#}
{% macro sha256_hex(text) %}{{ return(adapter.dispatch('sha256_hex', 'tierline')(text)) }}{% endmacro %}
{% macro default__sha256_hex(text) %}sha256({{ text }}){% endmacro %}
{% macro spark__sha256_hex(text) %}sha2({{ text }}, 256){% endmacro %}
{% macro snowflake__sha256_hex(text) %}sha2({{ text }}, 256){% endmacro %}
{% macro bigquery__sha256_hex(text) %}to_hex(sha256({{ text }})){% endmacro %}

{#- Null instead of an error where the divisor is zero; one division of two exact values. -#}
{% macro safe_divide(numerator, denominator) -%}
(cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), cast(0 as double)))
{%- endmacro %}

{#-
    An exact product: six decimals on the left, eight on the right. Without the casts DuckDB keeps the
    width of the factors and overflows from about a million on, and Spark drops decimals beyond 38 digits.
-#}
{% macro times(left, right) %}{{ return(adapter.dispatch('times', 'tierline')(left, right)) }}{% endmacro %}
{% macro default__times(left, right) %}(cast({{ left }} as decimal(28, 8)) * cast({{ right }} as decimal(18, 8))){% endmacro %}
{% macro spark__times(left, right) %}(cast({{ left }} as decimal(20, 6)) * cast({{ right }} as decimal(17, 8))){% endmacro %}

{#- Money to four decimals, half away from zero: both engines round decimals alike. -#}
{% macro money(amount) %}cast(round({{ amount }}, 4) as decimal(18, 4)){% endmacro %}

{#- The logical date of the build. -#}
{% macro as_of() %}cast('{{ var("as_of") }}' as date){% endmacro %}
