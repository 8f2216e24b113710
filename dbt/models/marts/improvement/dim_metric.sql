with

-- A metric is what its highest version says.
newest as (

    select metric_id, max(version) as version
    from {{ ref('metric_definition') }}
    group by metric_id

)

select
    definition.metric_id,
    definition.version as metric_version,
    newest.metric_id is not null as is_current,
    definition.label,
    definition.formula,
    definition.unit,
    definition.direction,
    definition.grain,
    definition.source_model,
    definition.numerator_sql,
    definition.denominator_sql,
    definition.filter_sql,
    definition.date_column,
    definition.segment_column,
    definition.shown_in,
    definition.exclusions,
    definition.scor_code,
    definition.valid_from,
    definition.owner
from {{ ref('metric_definition') }} as definition
left join newest
    on definition.metric_id = newest.metric_id
    and definition.version = newest.version
