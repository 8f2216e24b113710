{{ config(materialized='view') }}

select
    entity_id,
    product_family,
    cluster_id,
    cluster_label,
    cluster_probability,
    trend,
    seasonality_strength
from {{ source('analytics', 'demand_cluster') }}
