{#-
    The feeds of the contracts, known when dbt parses a model and not only when it runs one.
    Written by `make docs`; do not edit it here.
-#}
{% macro feed_list() %}
    {{ return([
        ('crm', 'account'),
        ('crm', 'case'),
        ('crm', 'contract'),
        ('crm', 'contract_sla_term'),
        ('erp', 'customer'),
        ('erp', 'customer_role'),
        ('erp', 'fiscal_calendar'),
        ('erp', 'fx_rate'),
        ('erp', 'invoice'),
        ('erp', 'invoice_line'),
        ('erp', 'item_cost'),
        ('erp', 'product'),
        ('erp', 'sales_order'),
        ('erp', 'sales_order_line'),
        ('erp', 'site'),
        ('erp', 'uom_conversion'),
        ('erp', 'working_calendar'),
        ('finance', 'cost_pool'),
        ('finance', 'gl_account_map'),
        ('finance', 'gl_balance'),
        ('sales_ops', 'bookings_report'),
        ('tms', 'carrier'),
        ('tms', 'freight_invoice'),
        ('tms', 'load'),
        ('tms', 'load_shipment'),
        ('tms', 'tracking_event'),
        ('wms', 'inventory_snapshot'),
        ('wms', 'return'),
        ('wms', 'return_line'),
        ('wms', 'shipment'),
        ('wms', 'shipment_line')
    ]) }}
{% endmacro %}
