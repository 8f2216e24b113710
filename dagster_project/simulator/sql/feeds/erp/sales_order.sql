with versions as (
    select
        *,
        unnest([1, 2]) as revision,
        ordered_at + to_seconds(86400 * delay_days) as credit_released_at
    from orders
),
timed as (
    select
        *,
        case when revision = 1 then ordered_at
            when cancelled_at is not null then cancelled_at
            when cause = 'CREDIT_HOLD' then credit_released_at end as changed_at
    from versions
)
select
    order_code(t.order_no) as order_id,
    t.revision::bigint as revision,
    t.order_type,
    ['EDI', 'WEB', 'EMAIL', 'PHONE', 'REP'][1 + pick('came by', t.order_no, 5)] as channel,
    customer_code(t.cust) as sold_to_customer_id,
    case when t.bill_to <> t.cust then customer_code(t.bill_to) end as bill_to_customer_id,
    case when t.bill_to <> t.cust then customer_code(t.bill_to) end as payer_customer_id,
    site_code(t.site_no) as ship_to_site_id,
    'ORG' || t.company_code as sales_org,
    rep_code(t.cust) as sales_rep_id,
    t.currency,
    t.ordered_at,
    t.requested_at,
    'PO-' || t.cust || '-' || t.order_no as customer_po,
    case when t.contract_no is not null then contract_code(t.contract_no) end as contract_id,
    case when t.country in ('US', 'JP', 'GB') then 'DAP' else 'DDP' end as incoterm,
    t.is_partial_allowed,
    case when t.order_type = 'RUSH' then 1 else 5 end::bigint as priority_code,
    'user' || pick('entered', t.order_no, 12) as entered_by,
    case when t.cause <> 'CREDIT_HOLD' or t.cause is null then 'OK'
        when t.revision = 1 then 'HELD' else 'RELEASED' end as credit_status,
    case when t.revision = 2 then t.cancelled_at end as cancelled_at,
    v.total_net,
    window_of(t.changed_at) as _window
from timed as t
inner join order_value as v on v.order_no = t.order_no
where t.changed_at < getvariable('end_at')
