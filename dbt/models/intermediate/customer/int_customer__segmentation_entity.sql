{%- set hops = 5 -%}
with

customers as (

    select
        customer_id,
        group_id,
        parent_customer_id,
        case
            when is_test then 'TEST'
            when account_group in ('INTERCOMPANY', 'EMPLOYEE', 'ONE_TIME', 'PROSPECT') then account_group
        end as exclusion_reason
    from {{ ref('stg_erp__customer') }}

),

-- Customers of one party roll up together, as the one who stands for it. An excluded account
-- neither hands its exclusion to relatives nor hides among them.
accounts as (

    select
        customer.customer_id,
        customer.group_id,
        customer.parent_customer_id,
        first_value(customer.customer_id) over (
            partition by crosswalk.party_key
            order by
                case when crosswalk.party_key = 'erp:' || customer.customer_id then 0 else 1 end asc,
                customer.customer_id asc
        ) as head_id
    from customers as customer
    inner join {{ ref('int_customer__crosswalk') }} as crosswalk
        on crosswalk.source_system = 'erp'
        and customer.customer_id = crosswalk.source_id
    where customer.exclusion_reason is null

),

-- The newest membership that has ended; what holds now is said by the customer itself.
ended as (

    select
        account.head_id,
        hierarchy.customer_id,
        hierarchy.group_id,
        hierarchy.parent_customer_id,
        hierarchy.valid_to,
        row_number() over (
            partition by account.head_id
            order by hierarchy.valid_to desc, hierarchy.customer_id asc, hierarchy.valid_from desc
        ) as rank_no
    from {{ ref('stg_erp__customer_hierarchy') }} as hierarchy
    inner join accounts as account on hierarchy.customer_id = account.customer_id
    where hierarchy.valid_to <= {{ as_of() }}
        and hierarchy.valid_to > hierarchy.valid_from

),

-- Several numbers of one party may name several groups or parents: the first of each counts.
members as (

    select
        account.head_id as customer_id,
        min(account.group_id) as group_id,
        min(parent.head_id) as parent_id,
        min(ended.customer_id) as ended_id
    from accounts as account
    left join ended on account.head_id = ended.head_id and ended.rank_no = 1
    left join accounts as parent
        on account.parent_customer_id = parent.customer_id
        and parent.head_id <> account.head_id
    group by account.head_id

),

chains as (

    select
        member.customer_id,
        coalesce(
            member.group_id
            {%- for hop in range(1, hops + 1) %}, step_{{ hop }}.group_id{% endfor %}
        ) as group_id,
        coalesce({% for hop in range(hops, 0, -1) %}step_{{ hop }}.customer_id, {% endfor %}member.customer_id) as top_id,
        step_{{ hops }}.parent_id is not null as is_chain_unresolved,
        -- A membership is that of everyone below too, up to whoever names a group of its own.
        case
            when member.ended_id is not null then member.ended_id
            {%- for hop in range(1, hops + 1) %}
            when {{ 'member' if hop == 1 else 'step_' ~ (hop - 1) }}.group_id is not null then null
            when step_{{ hop }}.ended_id is not null then step_{{ hop }}.ended_id
            {%- endfor %}
        end as ended_id
    from members as member
    {% for hop in range(1, hops + 1) -%}
    left join members as step_{{ hop }}
        on {{ 'member' if hop == 1 else 'step_' ~ (hop - 1) }}.parent_id = step_{{ hop }}.customer_id
    {% endfor %}

),

current_rows as (

    select
        customers.customer_id,
        case
            when customers.exclusion_reason is not null then customers.customer_id
            when chains.group_id is not null then chains.group_id
            when chains.is_chain_unresolved then accounts.head_id
            else chains.top_id
        end as entity_id,
        customers.exclusion_reason is not null as is_excluded,
        customers.exclusion_reason,
        coalesce(chains.group_id is null and chains.is_chain_unresolved, false) as is_chain_unresolved,
        chains.ended_id
    from customers
    left join accounts on customers.customer_id = accounts.customer_id
    left join chains on accounts.head_id = chains.customer_id

),

-- Two numbers that a person declared one customer were two until that day.
verdicts as (

    select left_id as record_id, cast(decided_at as date) as decided_date, seq, verdict
    from {{ ref('stg_decisions__identity_verdict') }}

    union all

    select right_id, cast(decided_at as date), seq, verdict from {{ ref('stg_decisions__identity_verdict') }}

),

joined as (

    select
        customers.customer_id,
        max(verdicts.decided_date) as merged_date
    from customers
    inner join {{ ref('int_customer__crosswalk') }} as crosswalk
        on crosswalk.source_system = 'erp'
        and customers.customer_id = crosswalk.source_id
        and crosswalk.method = 'MANUAL'
    inner join verdicts on verdicts.record_id = 'erp:' || customers.customer_id and verdicts.verdict = 'same'
    where customers.exclusion_reason is null
    group by customers.customer_id

),

final as (

    select
        current_rows.customer_id,
        current_rows.entity_id,
        current_rows.is_excluded,
        current_rows.exclusion_reason,
        current_rows.is_chain_unresolved,
        case
            when ended.head_id is not null then coalesce(ended.group_id, parent.entity_id, ended.head_id)
        end as former_entity_id,
        case when ended.customer_id = current_rows.customer_id then ended.parent_customer_id end as former_parent_id,
        ended.valid_to as former_until_date,
        case
            when joined.merged_date is not null
                then coalesce(customers.group_id, own_parent.entity_id, current_rows.customer_id)
        end as own_entity_id,
        joined.merged_date
    from current_rows
    inner join customers on current_rows.customer_id = customers.customer_id
    left join joined on current_rows.customer_id = joined.customer_id
    left join current_rows as own_parent
        on customers.parent_customer_id = own_parent.customer_id
        and not own_parent.is_excluded
    left join ended
        on current_rows.ended_id = ended.customer_id
        and ended.rank_no = 1
    left join current_rows as parent
        on ended.parent_customer_id = parent.customer_id
        and not parent.is_excluded

),

-- An entity to which others still belong did not end with the merge.
living as (

    select distinct entity_id as living_id from final

)

select
    final.customer_id,
    final.entity_id,
    final.is_excluded,
    final.exclusion_reason,
    final.is_chain_unresolved,
    final.former_entity_id,
    final.former_parent_id,
    final.former_until_date,
    case when living.living_id is null then final.own_entity_id end as merged_entity_id,
    case when living.living_id is null then final.merged_date end as merged_date
from final
left join living on final.own_entity_id = living.living_id
