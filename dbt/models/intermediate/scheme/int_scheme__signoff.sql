{{ config(materialized='view') }}

select seq, decided_at, actor, role, scheme_id, scheme_version, verdict
from {{ ref('stg_decisions__alignment_signoff') }}
