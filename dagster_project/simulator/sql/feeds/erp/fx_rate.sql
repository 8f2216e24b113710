select
    from_currency, to_currency, day as rate_date, 'M' as rate_type, rate,
    greatest(window_of(day::timestamp), getvariable('base_windows') - 1) as _window
from rate
where from_currency <> to_currency
union all
select
    from_currency, to_currency, day, 'E', rate,
    greatest(window_of(day::timestamp), getvariable('base_windows') - 1)
from rate
where from_currency <> to_currency and day = last_day(day)
