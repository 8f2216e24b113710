{{ config(materialized='view') }}

-- Planning follows one calendar: of several that are delivered, the first by name.
select
    calendar_date,
    is_working
from {{ ref('stg_erp__working_calendar') }}
where calendar_id in (select min(calendar_id) from {{ ref('stg_erp__working_calendar') }})
