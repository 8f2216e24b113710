select
    customer_id,
    held_in,
    entity_id,
    scheme_id,
    held_segment_code,
    our_segment_code,
    our_since_date,
    drift_kind,
    -- A change by hand counts from the day of the change, what was not taken over from ours on.
    case
        when drift_kind = 'NOT_TAKEN_OVER' then our_since_date
        when drift_kind = 'MISSING' then our_since_date
        when changed_date is null then read_date
        else changed_date
    end as drift_since_date,
    read_date,
    case drift_kind
        when 'NOT_TAKEN_OVER' then 'Send the assignment again and find out why it was not taken over.'
        when 'MISSING' then 'Send the assignment; the system holds no code for this customer.'
        when 'UNKNOWN_CODE' then 'Map the code, or correct it in the system; the scheme has no such segment.'
        else 'Ask who changed it. Request the change of segment if it is meant, else set the code back there.'
    end as what_to_do
from {{ ref('int_segment__echo') }}
where drift_kind is not null
