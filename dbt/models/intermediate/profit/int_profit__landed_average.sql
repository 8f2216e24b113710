{{ config(materialized=large_table(), unique_key=['product_id'], touched='int_touched__landed_product') }}
{#- How much of an old average is left falls with each receipt; this is how far the logarithm of it may
    fall before sums start anew, so that no number grows beyond what a double holds. -#}
{%- set block = 300 -%}
with

receipts as (

    select product_id, site_id, received_date, accepted_base_qty, landed_unit_cost_group
    from {{ ref('int_profit__landed_cost') }}
    where product_id is not null and accepted_base_qty > 0
        {{ only_touched('product_id', 'int_touched__landed_product', 'product_id', 'and') }}

),

landed_places as (

    select distinct product_id, site_id from receipts where landed_unit_cost_group is not null

),

moves as (

    select product_id, site_id, received_date as moved_date, accepted_base_qty as received_qty, 0 as shipped_qty
    from receipts

    union all

    select coalesce(substituted_product_id, product_id), from_site_id, departed_date, 0, shipped_base_qty
    from {{ ref('int_shipment__line') }}
    where departed_date is not null
        {{ only_touched('coalesce(substituted_product_id, product_id)', 'int_touched__landed_product', 'product_id', 'and') }}

),

days as (

    select
        move.product_id,
        move.site_id,
        move.moved_date,
        sum(move.received_qty - move.shipped_qty) as change_qty
    from moves as move
    inner join landed_places as place on move.product_id = place.product_id and move.site_id = place.site_id
    group by move.product_id, move.site_id, move.moved_date

),

flows as (

    select
        days.*,
        sum(change_qty) over (
            partition by product_id, site_id order by moved_date rows between unbounded preceding and current row
        ) as flow_qty
    from days

),

-- What was shipped beyond what was received came from stock of before: it leaves nothing owed.
levels as (

    select
        flows.*,
        flow_qty - least(0, min(flow_qty) over (
            partition by product_id, site_id order by moved_date rows between unbounded preceding and current row
        )) as end_qty
    from flows

),

stock as (

    select
        product_id,
        site_id,
        moved_date,
        coalesce(lag(end_qty) over (partition by product_id, site_id order by moved_date), 0) as stock_before_qty
    from levels

),

landed_days as (

    select
        product_id,
        site_id,
        received_date,
        sum(accepted_base_qty) as received_qty,
        {{ safe_divide(
            'sum(cast(accepted_base_qty as double) * cast(landed_unit_cost_group as double))',
            'sum(accepted_base_qty)'
        ) }} as unit_cost
    from receipts
    where landed_unit_cost_group is not null
    group by product_id, site_id, received_date

),

-- The new average is the old one by the stock that was there and the cost of the receipt by the rest.
mixed as (

    select
        day.product_id,
        day.site_id,
        day.received_date,
        stock.stock_before_qty,
        day.received_qty,
        day.unit_cost,
        case
            when row_number() over (partition by day.product_id, day.site_id order by day.received_date) = 1
                then cast(0 as double)
            else {{ safe_divide('stock.stock_before_qty', 'stock.stock_before_qty + day.received_qty') }}
        end as kept_share
    from landed_days as day
    inner join stock
        on day.product_id = stock.product_id
        and day.site_id = stock.site_id
        and day.received_date = stock.moved_date

),

lots as (

    select
        mixed.*,
        sum(case when kept_share = 0 then 1 else 0 end) over (
            partition by product_id, site_id order by received_date rows between unbounded preceding and current row
        ) as lot_no
    from mixed

),

decayed as (

    select
        lots.*,
        sum(case when kept_share > 0 then ln(kept_share) else cast(0 as double) end) over (
            partition by product_id, site_id, lot_no
            order by received_date
            rows between unbounded preceding and current row
        ) as log_kept
    from lots

),

blocks as (

    select
        decayed.*,
        floor(-1 * log_kept / {{ block }}) as block_no
    from decayed

),

parts as (

    select
        blocks.*,
        log_kept + {{ block }} * block_no as log_in_block,
        unit_cost * (1 - kept_share) * exp(-1 * (log_kept + {{ block }} * block_no)) as cost_part
    from blocks

),

block_sums as (

    select product_id, site_id, lot_no, block_no, sum(cost_part) as cost_part
    from parts
    group by product_id, site_id, lot_no, block_no

),

averages as (

    -- What is older than the block before has no weight that a double could hold.
    select
        part.product_id,
        part.site_id,
        part.received_date,
        part.stock_before_qty,
        part.received_qty,
        part.unit_cost,
        exp(part.log_in_block) * sum(part.cost_part) over (
            partition by part.product_id, part.site_id, part.lot_no, part.block_no
            order by part.received_date
            rows between unbounded preceding and current row
        ) + exp(part.log_in_block - {{ block }}) * coalesce(earlier.cost_part, cast(0 as double)) as average_unit_cost
    from parts as part
    left join block_sums as earlier
        on part.product_id = earlier.product_id
        and part.site_id = earlier.site_id
        and part.lot_no = earlier.lot_no
        and part.block_no = earlier.block_no + 1

),

final as (

    select
        product_id,
        site_id,
        received_date as valid_from,
        coalesce(
            lead(received_date) over (partition by product_id, site_id order by received_date),
            cast('9999-12-31' as date)
        ) as valid_to,
        cast(stock_before_qty as decimal(18, 6)) as stock_before_qty,
        cast(received_qty as decimal(18, 6)) as received_qty,
        cast(round(unit_cost, 6) as decimal(18, 6)) as receipt_unit_cost_group,
        cast(round(average_unit_cost, 6) as decimal(18, 6)) as average_unit_cost_group
    from averages

)

select * from final
