-- The plan of a month for the whole company, made before the month: what it sold at the cut, missed by up to
-- a tenth either way and rounded as plans are. A pound is planned at 1.17.
with sold as (
    select
        period,
        sum(case when account = '4000' then amount * case company_code when '2000' then 1.17 else 1 end end) as net,
        sum(case when account = '5000' then amount * case company_code when '2000' then 1.17 else 1 end end) as cogs
    from balance
    where known_in = getvariable('base_windows') - 1
    group by period
)
select
    'PLAN' as version,
    period as fiscal_period_id,
    null as segment_code,
    null as product_family,
    1000::decimal(18, 4) as budget_qty,
    null::decimal(18, 6) as price,
    round(cogs * (0.9 + 0.2 * u('planned', m.month_no)) / 1000, 2)::decimal(18, 6) as unit_cost,
    round(net * (0.9 + 0.2 * u('planned', m.month_no)), -2)::decimal(18, 4) as amount,
    'EUR' as currency,
    getvariable('base_windows') - 1 as _window
from sold
inner join month as m using (period)
where net is not null and cogs is not null
