select
    order_id as invoice_id,
    'INVOICE' as invoice_type,
    customer_id as sold_to_customer_id,
    coalesce(shipped_date, order_date) as posting_date,
    'USD' as currency,
    sum(net) as net_amount,
    'NORTHWIND' as company_code,
    false as is_intercompany
from order_header
inner join order_line using (order_id)
group by all
