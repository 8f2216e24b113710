{%- set built = source('state', 'built__segment_assignment') -%}
{%- set assignments = ref('int_segment__assignment') -%}
{%- set touched_orders = ref('int_touched__order') -%}
{%- set headers = ref('int_order__header') -%}
{%- set shipment_lines = ref('int_shipment__line') -%}
{%- set order_lines = ref('int_order__line') -%}
{%- set periods = ref('int_calendar__fiscal_period') -%}
{%- set built_periods = source('state', 'built__fiscal_period') -%}
{%- set verdicts = ref('int_service__cause_override') -%}
{%- set staged_returns = ref('stg_wms__return') -%}
{%- set return_feeds = [source('wms', 'return'), source('wms', 'return_line')] -%}
{%- set master_feeds = [ref('stg_erp__working_calendar')] -%}
select order_id from {{ touched_orders }}
{%- if is_update() %}

union

select header.order_id
from {{ headers }} as header
where header.entity_id in ({{ changed_segment_entities(assignments, built) }})

union

select line.order_id
from {{ shipment_lines }} as line
where line.order_id = '-2'
    and line.entity_id in ({{ changed_segment_entities(assignments, built) }})

union

select line.order_id
from {{ shipment_lines }} as line
inner join ({{ refrozen_periods(periods, built_periods) }}) as refrozen
    on line.departed_date >= refrozen.start_date
    and line.departed_date < refrozen.end_date
    and line.known_at > refrozen.from_at
    and line.known_at <= refrozen.to_at

union

select line.order_id
from {{ order_lines }} as line
inner join ({{ refrozen_periods(periods, built_periods) }}) as refrozen
    on line.ordered_date >= refrozen.start_date
    and line.ordered_date < refrozen.end_date
    and line.known_at > refrozen.from_at
    and line.known_at <= refrozen.to_at

union

-- A promise is judged with what was known when the month of its date stood, whenever the goods left.
select line.order_id
from {{ shipment_lines }} as line
inner join ({{ refrozen_periods(periods, built_periods) }}) as refrozen
    on greatest(line.known_at, coalesce(line.delivered_known_at, line.known_at)) > refrozen.from_at
    and least(line.known_at, coalesce(line.delivered_known_at, line.known_at)) <= refrozen.to_at

union

select line.order_id
from {{ order_lines }} as line
inner join ({{ refrozen_periods(periods, built_periods) }}) as refrozen
    on line.due_first_date >= refrozen.start_date
    and line.due_first_date < refrozen.end_date
    and line.known_at > refrozen.from_at
    and line.known_at <= refrozen.to_at

union

-- Another calendar gives other lead times to whatever was ordered before the day that it changes.
select header.order_id
from {{ headers }} as header
inner join (
    select max(changed_day.calendar_date) as last_date
    from ({{ changed_keys('erp', 'working_calendar', 'calendar_date') }}) as changed_day
    where changed_day.calendar_date <= {{ as_of() }}
) as calendar on header.ordered_date <= calendar.last_date

union

-- Lines of which a person said why they failed are few, and judged every time.
select verdict.order_id
from {{ verdicts }} as verdict

union

-- What came back is judged with the line that it was delivered for.
select staged.order_id
from {{ staged_returns }} as staged
where staged.order_id is not null
    and staged.return_id in (
        {{ delta_values('wms', 'return', 'return_id') }}
        union
        {{ delta_values('wms', 'return_line', 'return_id') }}
    )

union

select built.order_id
from {{ as_built('int_return__line') }} as built
where built.return_id in (
    {{ delta_values('wms', 'return', 'return_id') }}
    union
    {{ delta_values('wms', 'return_line', 'return_id') }}
)
{%- endif %}
