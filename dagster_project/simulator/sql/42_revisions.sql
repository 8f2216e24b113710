-- Every revision of an order line: entry, each change of the promise, the cancellation.
-- `seq` 1 is the entry. Only what happened before the end of the history exists.

create or replace temp table revisions as
with listed as (
    select *, unnest(range(1, 2 + change_count + (cancelled_qty > 0)::bigint)) as revision
    from lines
),
timed as (
    select
        *,
        revision - 1 as changes_made,
        revision > 1 + change_count as is_cancelling,
        case
            when revision = 1 then ordered_at
            when revision > 1 + change_count then cancelled_at
            else ordered_at + to_seconds((date_diff('second', ordered_at, cutoff_at)
                * (revision - 1) / (change_count + 1))::bigint)
        end as revised_at
    from listed
)
select
    t.order_no, t.line_no, t.revision, t.revised_at, t.product, t.qty, t.uom, t.list_price,
    t.net_price, t.discount, t.dc, t.order_type, t.due_at, t.cutoff_at, t.changed_by, t.fate,
    t.ordered_at, t.cancelled_by, t.is_cancelling, t.changes_made, t.requested_at,
    case when t.is_cancelling then t.cancelled_qty else 0 end as cancelled_qty,
    t.revision > 1 and not t.is_cancelling as is_change,
    coalesce(d.close_at, t.due_at) as confirmed_at
from timed as t
left join working_day as d
    on t.changes_made > 0 and t.change_count > 0
    and d.place = t.place
    and d.working_no = t.due_no + ((t.first_shift + t.second_shift) * least(t.changes_made, t.change_count)) // greatest(1, t.change_count)
where t.revised_at < getvariable('end_at');
