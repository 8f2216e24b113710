{{ config(materialized='view') }}

{#-
    R-04 and R-10: the stock at the end of each period against the ledger, and against the stock before
    it with the movements between. The ledger is compared site by site where it keeps the stock of a site
    under a cost centre of that name, else all other sites of a company at once; stock of which nobody
    says to which company it belongs cannot be compared and is a warning. Goods under way count,
    consignment goods are not ours. So many periods are compared that the cost does not grow with history.
-#}
with

account_map as (

    select account from {{ ref('stg_finance__gl_account_map') }}
    where statement_line = 'INVENTORY'

),

sites as (

    select site_id from {{ ref('stg_erp__site') }}

),

ledger as (

    select
        balance.company_code,
        balance.fiscal_period_id,
        sites.site_id,
        sum(balance.amount_local) as amount
    from {{ ref('stg_finance__gl_balance') }} as balance
    inner join account_map on balance.account = account_map.account
    left join sites on balance.cost_centre = sites.site_id
    group by balance.company_code, balance.fiscal_period_id, sites.site_id

),

-- Whose stock is where: the ledger says it for a site, or there is only one company.
owned_sites as (

    select site_id, min(company_code) as company_code, true as has_own_account
    from ledger
    where site_id is not null
    group by site_id

),

only_company as (

    select min(company_code) as company_code
    from ledger
    having min(company_code) = max(company_code)

),

limits as (

    select
        {{ gate_limit('R-04', 'tolerance_share') }} as tolerance_share,
        {{ gate_limit('R-04', 'tolerance_amount') }} as tolerance_amount,
        {{ gate_limit('R-04', 'snapshot_age_days') }} as snapshot_age_days,
        {{ gate_limit('R-04', 'months') }} as months_back,
        {{ gate_limit('R-01', 'ledger_due_days') }} as ledger_due_days

),

site_days as (

    select distinct site_id, snapshot_date from {{ ref('stg_wms__inventory_snapshot') }}

),

stocked_sites as (

    select
        stocked.site_id,
        stocked.first_date,
        coalesce(owned_sites.company_code, only_company.company_code) as company_code,
        coalesce(owned_sites.has_own_account, false) as has_own_account,
        coalesce(own.calendar_id, common.calendar_id) as calendar_id
    from (select site_id, min(snapshot_date) as first_date from site_days group by site_id) as stocked
    left join owned_sites on stocked.site_id = owned_sites.site_id
    left join only_company on true
    left join {{ ref('int_calendar__company') }} as own
        on coalesce(owned_sites.company_code, only_company.company_code) = own.company_code
    left join {{ ref('int_calendar__company') }} as common on common.company_code = '*'

),

-- Periods that have ended since a site is counted, each with its last count, which may be a little old.
site_periods as (

    select
        site.site_id,
        site.company_code,
        site.has_own_account,
        period.fiscal_period_id,
        period.end_date,
        max(day.snapshot_date) as snapshot_date
    from stocked_sites as site
    cross join limits
    inner join {{ ref('int_calendar__fiscal_period') }} as period
        on site.calendar_id = period.calendar_id
        and site.first_date < period.end_date
    left join site_days as day
        on site.site_id = day.site_id
        and day.snapshot_date < period.end_date
        and day.snapshot_date >= {{ add_days('period.end_date', '-1 - limits.snapshot_age_days') }}
    where period.end_date <= {{ add_days(as_of(), 1) }}
        and period.end_date > {{ add_months(as_of(), '-1 - limits.months_back') }}
    group by site.site_id, site.company_code, site.has_own_account, period.fiscal_period_id, period.end_date

),

costs as (

    select product_id, site_id, per_uom, valid_from, coalesce(valid_to, cast('9999-12-31' as date)) as valid_to, max(amount) as amount
    from {{ ref('stg_erp__item_cost') }}
    where cost_type = 'STANDARD'
    group by product_id, site_id, per_uom, valid_from, valid_to

),

counted as (

    select
        site_period.site_id,
        site_period.fiscal_period_id,
        stock.product_id,
        {{ base_quantity('stock.on_hand_qty', 'coalesce(unit.factor, 1)') }} as base_qty,
        case
            when stock.stock_status = 'CONSIGNMENT' then 0
            when stock.unit_cost is not null then {{ times('stock.unit_cost', 'stock.on_hand_qty') }}
            else cast({{ safe_divide('costs.amount * stock.on_hand_qty * coalesce(unit.factor, 1)', 'coalesce(cost_unit.factor, 1)') }} as decimal(28, 8))
        end as amount
    from site_periods as site_period
    inner join {{ ref('stg_wms__inventory_snapshot') }} as stock
        on site_period.site_id = stock.site_id
        and site_period.snapshot_date = stock.snapshot_date
    left join {{ ref('int_product__unit_factor') }} as unit
        on stock.product_id = unit.product_id
        and stock.uom = unit.uom
    left join costs
        on stock.unit_cost is null
        and stock.product_id = costs.product_id
        and stock.site_id = costs.site_id
        and stock.snapshot_date >= costs.valid_from
        and stock.snapshot_date < costs.valid_to
    left join {{ ref('int_product__unit_factor') }} as cost_unit
        on costs.product_id = cost_unit.product_id
        and costs.per_uom = cost_unit.uom

),

site_values as (

    select
        site_id,
        fiscal_period_id,
        sum(amount) as amount,
        sum(case when amount is null then 1 else 0 end) as costless_count
    from counted
    group by site_id, fiscal_period_id

),

own_stock as (

    select
        site_period.company_code,
        site_period.fiscal_period_id,
        case when site_period.has_own_account then site_period.site_id end as site_id,
        min(site_period.end_date) as end_date,
        sum(coalesce(site_value.amount, 0)) as amount,
        sum(coalesce(site_value.costless_count, 0)) as costless_count,
        sum(case when site_period.snapshot_date is null then 1 else 0 end) as uncounted_sites
    from site_periods as site_period
    left join site_values as site_value
        on site_period.site_id = site_value.site_id
        and site_period.fiscal_period_id = site_value.fiscal_period_id
    group by 1, 2, 3

),

ledger_periods as (

    select distinct company_code, fiscal_period_id from ledger

),

-- What the ledger has and nobody counted is a difference from the first count of the company on.
first_periods as (

    select company_code, min(end_date) as first_end_date from own_stock group by company_code

),

unseen as (

    select ledger.company_code, ledger.fiscal_period_id, ledger.site_id, period.end_date
    from ledger
    inner join first_periods on ledger.company_code = first_periods.company_code
    inner join {{ ref('int_calendar__company') }} as company on ledger.company_code = company.company_code
    inner join {{ ref('int_calendar__fiscal_period') }} as period
        on company.calendar_id = period.calendar_id
        and ledger.fiscal_period_id = period.fiscal_period_id
    where period.end_date >= first_periods.first_end_date
        and period.end_date <= {{ add_days(as_of(), 1) }}
        and not exists (
            select 1 from own_stock
            where own_stock.company_code = ledger.company_code
                and own_stock.fiscal_period_id = ledger.fiscal_period_id
                and coalesce(own_stock.site_id, '*') = coalesce(ledger.site_id, '*')
        )

),

valued as (

    select company_code, fiscal_period_id, site_id, end_date, amount, costless_count, uncounted_sites from own_stock
    union all
    select company_code, fiscal_period_id, site_id, end_date, 0, 0, 1 from unseen

),

compared as (

    select
        valued.company_code,
        valued.fiscal_period_id,
        coalesce(valued.site_id, '*') as site_id,
        valued.end_date,
        valued.amount as stock_amount,
        coalesce(ledger.amount, 0) as ledger_amount,
        valued.costless_count,
        valued.uncounted_sites,
        greatest(limits.tolerance_share * abs(coalesce(ledger.amount, 0)), limits.tolerance_amount) as tolerance
    from valued
    cross join limits
    left join ledger
        on valued.company_code = ledger.company_code
        and valued.fiscal_period_id = ledger.fiscal_period_id
        and coalesce(valued.site_id, '*') = coalesce(ledger.site_id, '*')
    left join ledger_periods
        on valued.company_code = ledger_periods.company_code
        and valued.fiscal_period_id = ledger_periods.fiscal_period_id
    where exists (select 1 from ledger)
        and (
            ledger_periods.company_code is not null
            or {{ add_days('valued.end_date', 'limits.ledger_due_days') }} <= {{ as_of() }}
        )

),

-- From one count to the next: what was there, what moved, what is there.
rolls as (

    select * from (
        select
            site_id,
            fiscal_period_id,
            end_date,
            snapshot_date as close_date,
            lag(fiscal_period_id) over (partition by site_id order by end_date) as open_period_id,
            lag(snapshot_date) over (partition by site_id order by end_date) as open_date
        from site_periods
    ) as ordered
    where open_date is not null and close_date is not null

),

first_movement as (

    select min(cast(moved_at as date)) as moved_date from {{ ref('stg_wms__inventory_movement') }}

),

known_rolls as (

    -- Movements before the first one that was delivered are not known.
    select rolls.*
    from rolls
    inner join first_movement on {{ add_days('rolls.open_date', 1) }} >= first_movement.moved_date

),

roll_days as (

    select known_rolls.site_id, known_rolls.fiscal_period_id, day.calendar_date
    from known_rolls
    inner join {{ ref('int_calendar__date') }} as day
        on day.calendar_date > known_rolls.open_date
        and day.calendar_date <= known_rolls.close_date

),

roll_parts as (

    select known_rolls.site_id, known_rolls.fiscal_period_id, counted.product_id, counted.base_qty as expected_qty, 0 as counted_qty
    from known_rolls
    inner join counted
        on known_rolls.site_id = counted.site_id
        and known_rolls.open_period_id = counted.fiscal_period_id

    union all

    select roll_days.site_id, roll_days.fiscal_period_id, movement.product_id, movement.moved_base_qty, 0
    from {{ ref('stg_wms__inventory_movement') }} as movement
    inner join roll_days
        on movement.site_id = roll_days.site_id
        and cast(movement.moved_at as date) = roll_days.calendar_date

    union all

    select known_rolls.site_id, known_rolls.fiscal_period_id, counted.product_id, 0, counted.base_qty
    from known_rolls
    inner join counted
        on known_rolls.site_id = counted.site_id
        and known_rolls.fiscal_period_id = counted.fiscal_period_id

),

roll_cells as (

    select
        part.site_id,
        part.fiscal_period_id,
        part.product_id,
        sum(part.expected_qty) as expected_qty,
        sum(part.counted_qty) as counted_qty
    from roll_parts as part
    group by part.site_id, part.fiscal_period_id, part.product_id

),

roll_sizes as (

    select site_id, fiscal_period_id, count(*) as product_count
    from roll_cells
    group by site_id, fiscal_period_id

),

broken_rolls as (

    select
        site_id,
        fiscal_period_id,
        product_id,
        expected_qty,
        counted_qty,
        row_number() over (
            order by abs(expected_qty - counted_qty) desc, site_id asc, fiscal_period_id asc, product_id asc
        ) as rank_no
    from roll_cells
    where abs(expected_qty - counted_qty) > {{ gate_limit('R-10', 'tolerance_qty') }}

),

judged_rolls as (

    select
        roll_sizes.site_id,
        roll_sizes.fiscal_period_id,
        known_rolls.end_date,
        roll_sizes.product_count,
        count(broken_rolls.product_id) as broken_count,
        coalesce(sum(case when broken_rolls.rank_no > {{ sample_size() }} then 1 else 0 end), 0) as unlisted_count
    from roll_sizes
    inner join known_rolls
        on roll_sizes.site_id = known_rolls.site_id
        and roll_sizes.fiscal_period_id = known_rolls.fiscal_period_id
    left join broken_rolls
        on roll_sizes.site_id = broken_rolls.site_id
        and roll_sizes.fiscal_period_id = broken_rolls.fiscal_period_id
    group by roll_sizes.site_id, roll_sizes.fiscal_period_id, known_rolls.end_date, roll_sizes.product_count

),

results as (

    select
        {{ control_row(
            'R-04', 'HIGH',
            "'company=' || coalesce(company_code, '?') || '|period=' || fiscal_period_id || '|site=' || site_id",
            'stock_amount', 'ledger_amount',
            "case
                when company_code is null then 'the ledger does not say whose stock this is: keep it under a cost centre named after the site'
                when uncounted_sites > 0 then 'no count at the end of the period at ' || cast(uncounted_sites as string) || ' sites'
                else 'quantity times cost at the end of the period against the ledger'
            end || (case when costless_count > 0 then '; ' || cast(costless_count as string) || ' rows have no cost' else '' end)",
            tolerance='tolerance', company='company_code', period='fiscal_period_id', opened='end_date',
            status="case
                when company_code is null then 'WARN'
                when abs(stock_amount - ledger_amount) <= tolerance then 'PASS'
                else 'FAIL'
            end"
        ) }}
    from compared

    union all

    select
        {{ control_row(
            'R-10', 'HIGH',
            "'site=' || broken.site_id || '|period=' || broken.fiscal_period_id || '|product=' || broken.product_id",
            'broken.expected_qty', 'broken.counted_qty', "'stock before and what moved since against the count, in base units'",
            period='broken.fiscal_period_id', opened='judged_rolls.end_date', status="'FAIL'"
        ) }}
    from broken_rolls as broken
    inner join judged_rolls
        on broken.site_id = judged_rolls.site_id
        and broken.fiscal_period_id = judged_rolls.fiscal_period_id
    where broken.rank_no <= {{ sample_size() }}

    union all

    select
        {{ control_row(
            'R-10', 'HIGH', "'site=' || site_id || '|period=' || fiscal_period_id",
            'unlisted_count', '0',
            "cast(product_count as string) || ' articles rolled forward, ' || cast(broken_count as string)
                || ' do not arrive at their count and stand in rows of their own'",
            period='fiscal_period_id', opened='end_date'
        ) }}
    from judged_rolls

),

feed_sizes as (

    select
        (select count(*) from ledger) as balances,
        (select count(*) from site_days) as counts,
        (select count(moved_date) from first_movement) as movements

)

select * from results

union all

{{ nothing_compared('R-04', 'HIGH', 'results', ['balances', 'counts'], 'no ledger, no account for stock, or no count of it') }}

union all

{{ nothing_compared('R-10', 'HIGH', 'results', ['counts', 'movements'], 'no movement or no count of the stock was delivered') }}
