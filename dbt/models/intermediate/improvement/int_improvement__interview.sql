{#- A view: notes are few, and the analyses ask once a month. -#}
{{ config(materialized='view') }}

select
    note.note_id,
    entity.entity_id,
    note.noted_date,
    note.theme,
    note.note_text,
    note.sentiment,
    note._known_at as known_at
from {{ ref('stg_crm__interview_note') }} as note
inner join {{ ref('int_customer__crosswalk') }} as crosswalk
    on crosswalk.source_system = 'crm'
    and note.account_id = crosswalk.source_id
inner join {{ ref('int_customer__segmentation_entity') }} as entity on crosswalk.customer_id = entity.customer_id
where not entity.is_excluded
