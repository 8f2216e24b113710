{#-
    A bitemporal table is sound when every interval runs forward, one row per key is current, and
    at every moment of record the rows of a key neither overlap nor leave a gap up to the open end.
    Each row found is a fault; the column says which.
-#}
{% test bitemporal_sound(model, key) %}
{%- set keys = key | join(', ') -%}
with

moments as (

    select distinct {{ keys }}, recorded_from as moment from {{ model }}

),

believed as (

    select
        {% for name in key %}moments.{{ name }}, {% endfor %}
        moments.moment,
        rows_.valid_from,
        rows_.valid_to,
        lead(rows_.valid_from) over (
            partition by {% for name in key %}moments.{{ name }}, {% endfor %}moments.moment
            order by rows_.valid_from
        ) as next_valid_from
    from moments
    inner join {{ model }} as rows_
        on {% for name in key %}moments.{{ name }} = rows_.{{ name }} and {% endfor %}
        moments.moment >= rows_.recorded_from
        and moments.moment < rows_.recorded_to

)

select {{ keys }}, 'interval does not run forward' as fault
from {{ model }}
where valid_from >= valid_to or recorded_from >= recorded_to

union all

select {{ keys }}, 'gap or overlap in valid time' as fault
from believed
where coalesce(next_valid_from, cast('9999-12-31' as date)) <> valid_to

union all

select {{ keys }}, 'more than one current row' as fault
from {{ model }}
where is_current
group by {{ keys }}
having count(*) > 1
{% endtest %}
