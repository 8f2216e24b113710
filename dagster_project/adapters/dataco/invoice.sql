select
    order_id as invoice_id,
    'INVOICE' as invoice_type,
    customer_id as sold_to_customer_id,
    cast(ordered_at as date) as posting_date,
    'USD' as currency,
    sum(gross - discount) as net_amount,
    'DATACO' as company_code,
    false as is_intercompany
from order_header
inner join order_line using (order_id)
group by all
