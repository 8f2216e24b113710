{%- set bases = ['req', 'first', 'last'] -%}
{%- set quantities = [
    'shipped_base_qty', 'delivered_base_qty', 'delivered_by_due_req_base_qty', 'delivered_by_due_first_base_qty',
    'delivered_by_due_last_base_qty'
] -%}
{%- set times_of_pieces = [
    'first_departed_at', 'last_departed_at', 'first_departed_date', 'last_departed_date', 'first_delivered_at',
    'last_delivered_at', 'first_arrived', 'last_arrived'
] -%}
{{ config(materialized=large_table(), unique_key=['order_id'], touched='int_touched__order') }}

with

shipment_lines as (

    select * from {{ ref('int_shipment__line') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

schedule_splits as (

    select * from {{ ref('int_shipment__schedule_split') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

order_lines as {{ streamed() }} (

    select
        order_id,
        line_no,
        schedule_no,
        parent_line_no,
        line_role,
        is_kit,
        product_id,
        ordered_base_qty,
        ordered_date,
        due_test,
        {% for basis in bases -%}
        due_{{ basis }}_limit{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_order__line') }}
    {{ only_touched('order_id', 'int_touched__order', 'order_id') }}

),

bom as (

    select
        parent_product_id,
        component_product_id,
        qty_per,
        valid_from,
        coalesce(valid_to, cast('9999-12-31' as date)) as valid_to
    from {{ ref('stg_erp__bom') }}

),

pieces as {{ streamed() }} (

    select
        order_id,
        order_line_no as line_no,
        schedule_no,
        product_id,
        shipped_base_qty,
        departed_at,
        departed_date,
        delivered_at,
        delivered_date,
        is_clock_skewed
    from shipment_lines
    where schedule_no is not null

    union all

    select
        split.order_id,
        split.line_no,
        split.schedule_no,
        shipped.product_id,
        split.shipped_base_qty,
        shipped.departed_at,
        shipped.departed_date,
        shipped.delivered_at,
        shipped.delivered_date,
        shipped.is_clock_skewed
    from schedule_splits as split
    inner join shipment_lines as shipped
        on split.shipment_id = shipped.shipment_id
        and split.shipment_line_no = shipped.line_no

),

kit_lines as (

    select * from order_lines where is_kit or line_role = 'COMPONENT'

),

{% for timed, lines in [('timed', 'order_lines'), ('timed_parts', 'kit_lines')] -%}
{{ timed }} as (

    -- A delivery is compared in the time in which its window is written: local day or UTC.
    select
        pieces.*,
        lines.ordered_base_qty,
        lines.ordered_date,
        lines.product_id as ordered_product_id,
        coalesce(lines.is_kit and pieces.product_id <> lines.product_id, false) as is_part_of_kit,
        case
            when lines.due_test = 'DAY' then cast(pieces.delivered_date as timestamp)
            else pieces.delivered_at
        end as arrived,
        {% for basis in bases -%}
        lines.due_{{ basis }}_limit{{ ',' if not loop.last }}
        {% endfor %}
    from pieces
    inner join {{ lines }} as lines
        on pieces.order_id = lines.order_id
        and pieces.line_no = lines.line_no
        and pieces.schedule_no = lines.schedule_no

),

{% endfor -%}
fulfilled as (

    select
        order_id,
        line_no,
        schedule_no,
        count(*) as piece_count,
        count(case when shipped_base_qty is null then 1 end) as unquantified_piece_count,
        count(case when delivered_at is null then 1 end) as undelivered_piece_count,
        sum(shipped_base_qty) as shipped_base_qty,
        sum(case when delivered_at is not null then shipped_base_qty end) as delivered_base_qty,
        {% for basis in bases -%}
        sum(case when arrived < due_{{ basis }}_limit then shipped_base_qty end) as delivered_by_due_{{ basis }}_base_qty,
        {% endfor -%}
        min(departed_at) as first_departed_at,
        max(departed_at) as last_departed_at,
        min(departed_date) as first_departed_date,
        max(departed_date) as last_departed_date,
        min(delivered_at) as first_delivered_at,
        max(delivered_at) as last_delivered_at,
        min(arrived) as first_arrived,
        max(arrived) as last_arrived,
        max(is_clock_skewed) as is_clock_skewed
    from timed
    where not is_part_of_kit
    group by order_id, line_no, schedule_no

),

-- Kits that are shipped as parts under the line of the kit; what belongs to one says the BOM.
kits_in_parts as (

    select distinct order_id, line_no, schedule_no, ordered_base_qty, ordered_product_id, ordered_date
    from timed_parts
    where is_part_of_kit

),

-- Kits whose parts are lines of the order; a kit that is shipped under its own line tells itself.
kits_by_line as (

    select
        kit.order_id,
        kit.line_no,
        kit.schedule_no,
        kit.ordered_base_qty,
        kit.due_test,
        {% for basis in bases -%}
        kit.due_{{ basis }}_limit,
        {% endfor -%}
        component.line_no as component_line_no,
        component.ordered_base_qty as needed_base_qty
    from kit_lines as kit
    inner join kit_lines as component
        on kit.order_id = component.order_id
        and kit.line_no = component.parent_line_no
        and kit.schedule_no = component.schedule_no
        and component.line_role = 'COMPONENT'
    left join fulfilled
        on kit.order_id = fulfilled.order_id
        and kit.line_no = fulfilled.line_no
        and kit.schedule_no = fulfilled.schedule_no
    left join kits_in_parts
        on kit.order_id = kits_in_parts.order_id
        and kit.line_no = kits_in_parts.line_no
        and kit.schedule_no = kits_in_parts.schedule_no
    where kit.is_kit
        and fulfilled.order_id is null
        and kits_in_parts.order_id is null
        and component.ordered_base_qty > 0

),

needs as (

    select
        order_id,
        line_no,
        schedule_no,
        ordered_base_qty,
        'line ' || cast(component_line_no as {{ dbt.type_string() }}) as part,
        cast(needed_base_qty as double) as needed_base_qty
    from kits_by_line

    union all

    select
        kit.order_id,
        kit.line_no,
        kit.schedule_no,
        kit.ordered_base_qty,
        bom.component_product_id,
        cast(kit.ordered_base_qty as double) * cast(bom.qty_per as double)
    from kits_in_parts as kit
    left join bom
        on kit.ordered_product_id = bom.parent_product_id
        and kit.ordered_date >= bom.valid_from
        and kit.ordered_date < bom.valid_to

),

part_pieces as (

    select
        kit.order_id,
        kit.line_no,
        kit.schedule_no,
        'line ' || cast(kit.component_line_no as {{ dbt.type_string() }}) as part,
        piece.shipped_base_qty,
        piece.departed_at,
        piece.departed_date,
        piece.delivered_at,
        piece.is_clock_skewed,
        case
            when kit.due_test = 'DAY' then cast(piece.delivered_date as timestamp)
            else piece.delivered_at
        end as arrived,
        {% for basis in bases -%}
        kit.due_{{ basis }}_limit{{ ',' if not loop.last }}
        {% endfor %}
    from kits_by_line as kit
    inner join timed_parts as piece
        on kit.order_id = piece.order_id
        and kit.component_line_no = piece.line_no
        and kit.schedule_no = piece.schedule_no

    union all

    select
        order_id,
        line_no,
        schedule_no,
        product_id,
        shipped_base_qty,
        departed_at,
        departed_date,
        delivered_at,
        is_clock_skewed,
        arrived,
        {% for basis in bases -%}
        due_{{ basis }}_limit{{ ',' if not loop.last }}
        {% endfor %}
    from timed_parts
    where is_part_of_kit

),

part_sums as (

    select
        order_id,
        line_no,
        schedule_no,
        part,
        sum(shipped_base_qty) as shipped_base_qty,
        sum(case when delivered_at is not null then shipped_base_qty end) as delivered_base_qty,
        {% for basis in bases -%}
        sum(case when arrived < due_{{ basis }}_limit then shipped_base_qty end)
            as delivered_by_due_{{ basis }}_base_qty{{ ',' if not loop.last }}
        {% endfor %}
    from part_pieces
    group by order_id, line_no, schedule_no, part

),

complete_kits as (

    -- As many kits as the scarcest part makes whole. Where no BOM says what is needed, nobody knows.
    select
        needs.order_id,
        needs.line_no,
        needs.schedule_no,
        {% for name in quantities -%}
        case when min(needs.needed_base_qty) > 0 then
            min(floor({{ safe_divide('coalesce(part_sums.' ~ name ~ ', 0) * needs.ordered_base_qty', 'needs.needed_base_qty') }} + 0.000001))
        end as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from needs
    left join part_sums
        on needs.order_id = part_sums.order_id
        and needs.line_no = part_sums.line_no
        and needs.schedule_no = part_sums.schedule_no
        and needs.part = part_sums.part
    group by needs.order_id, needs.line_no, needs.schedule_no

),

kit_times as (

    select
        order_id,
        line_no,
        schedule_no,
        count(*) as piece_count,
        count(case when shipped_base_qty is null then 1 end) as unquantified_piece_count,
        count(case when delivered_at is null then 1 end) as undelivered_piece_count,
        min(departed_at) as first_departed_at,
        max(departed_at) as last_departed_at,
        min(departed_date) as first_departed_date,
        max(departed_date) as last_departed_date,
        min(delivered_at) as first_delivered_at,
        max(delivered_at) as last_delivered_at,
        min(arrived) as first_arrived,
        max(arrived) as last_arrived,
        max(is_clock_skewed) as is_clock_skewed
    from part_pieces
    group by order_id, line_no, schedule_no

),

kits as (

    select
        kit_times.order_id,
        kit_times.line_no,
        kit_times.schedule_no,
        kit_times.piece_count,
        case
            when complete_kits.shipped_base_qty is null then kit_times.piece_count
            else kit_times.unquantified_piece_count
        end as unquantified_piece_count,
        kit_times.undelivered_piece_count,
        {% for name in quantities -%}
        cast(complete_kits.{{ name }} as decimal(18, 6)) as {{ name }},
        {% endfor -%}
        {% for name in times_of_pieces -%}
        kit_times.{{ name }},
        {% endfor -%}
        kit_times.is_clock_skewed
    from kit_times
    left join complete_kits
        on kit_times.order_id = complete_kits.order_id
        and kit_times.line_no = complete_kits.line_no
        and kit_times.schedule_no = complete_kits.schedule_no

),

-- A few kits go out whole and in parts: both count.
counted as (

    select fulfilled.*
    from fulfilled
    left join kits
        on fulfilled.order_id = kits.order_id
        and fulfilled.line_no = kits.line_no
        and fulfilled.schedule_no = kits.schedule_no
    where kits.order_id is null

    union all

    select
        kits.order_id,
        kits.line_no,
        kits.schedule_no,
        {% for name in ['piece_count', 'unquantified_piece_count', 'undelivered_piece_count'] + quantities -%}
        case
            when fulfilled.{{ name }} is null then kits.{{ name }}
            else fulfilled.{{ name }} + coalesce(kits.{{ name }}, 0)
        end,
        {% endfor -%}
        {% for name in times_of_pieces -%}
        {{ 'least' if name.startswith('first') else 'greatest' }}(
            coalesce(fulfilled.{{ name }}, kits.{{ name }}), coalesce(kits.{{ name }}, fulfilled.{{ name }})
        ),
        {% endfor -%}
        coalesce(fulfilled.is_clock_skewed, false) or kits.is_clock_skewed
    from kits
    left join fulfilled
        on kits.order_id = fulfilled.order_id
        and kits.line_no = fulfilled.line_no
        and kits.schedule_no = fulfilled.schedule_no

),

final as (

    select
        order_id,
        line_no,
        schedule_no,
        {% for name in ['piece_count', 'unquantified_piece_count', 'undelivered_piece_count'] -%}
        cast({{ name }} as bigint) as {{ name }},
        {% endfor -%}
        {% for name in quantities -%}
        cast({{ name }} as decimal(18, 6)) as {{ name }},
        {% endfor -%}
        {% for name in times_of_pieces -%}
        {{ name }},
        {% endfor -%}
        is_clock_skewed
    from counted

)

select * from final
