{{ config(materialized='view') }}

select
    entity_id,
    product_family,
    cluster_id,
    cluster_label,
    cluster_probability,
    trend,
    seasonality_strength
from {{ ref('stg_analytics__demand_cluster') }}
