{{ config(materialized='view') }}

select
    entity_kind,
    entity_id,
    attribute,
    old_value,
    new_value,
    source_system,
    batch_id,
    changed_at
from {{ source('history', 'profile_change') }}
