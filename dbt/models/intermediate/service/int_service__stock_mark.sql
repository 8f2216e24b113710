select
    product_id,
    cast(count(*) as bigint) as events_count,
    sum(cast({{ row_mark(['event_kind', 'event_id', 'site_id', 'from_date', 'to_date']) }} as decimal(38, 0))) as input_mark
from {{ ref('int_service__stock_event') }}
where event_kind in ('PO_LINE', 'SHRINKAGE')
    and product_id is not null
group by product_id
