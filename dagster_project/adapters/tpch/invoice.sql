select
    document_id as invoice_id,
    'INVOICE' as invoice_type,
    customer_id as sold_to_customer_id,
    ship_date as posting_date,
    'USD' as currency,
    net as net_amount,
    tax as tax_amount,
    'TPCH' as company_code,
    false as is_intercompany
from order_line
