{{ config(materialized=large_table(), unique_key=['freight_invoice_id', 'charge_type'], feed=['tms', 'freight_invoice']) }}

{{ stage_feed('tms', 'freight_invoice') }}
