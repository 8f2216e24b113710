select
    source_system,
    source_id,
    party_key,
    customer_id,
    method,
    rule,
    confidence,
    linked_id,
    explanation,
    valid_from,
    valid_to
from {{ ref('int_customer__crosswalk') }}
