{%- set in_force = "valid_from <= " ~ as_of() ~ " and (valid_to is null or valid_to > " ~ as_of() ~ ")" -%}
with

objects as (

    select 'SCHEME' as object_kind, scheme_id as object_id
    from {{ ref('scheme_purpose') }}
    where status = 'ACTIVE'

    union all

    select 'SEGMENT' as object_kind, segment.scheme_id || ':' || segment.segment_code as object_id
    from {{ ref('segment') }} as segment
    inner join {{ ref('segment_scheme') }} as scheme on segment.scheme_id = scheme.scheme_id
    where scheme.status = 'ACTIVE'

    union all

    select distinct 'RULE' as object_kind, rule.scheme_id || ':' || rule.rule_id as object_id
    from {{ ref('reclass_rule') }} as rule
    where rule.status = 'ACTIVE'

    union all

    select 'SLA' as object_kind, scheme_id || ':' || segment_code as object_id
    from {{ ref('tier_commercial') }}

),

letters as (

    select object_kind, object_id, raci, function_code, person_id
    from {{ ref('segment_raci') }}
    where {{ in_force }}

),

named as (

    select distinct object_kind, object_id from letters

),

-- Rows of the object itself go before those for every object of its kind.
assigned as (

    select
        objects.object_kind,
        objects.object_id,
        letters.raci,
        letters.function_code,
        letters.person_id
    from objects
    left join named
        on objects.object_kind = named.object_kind
        and objects.object_id = named.object_id
    left join letters
        on objects.object_kind = letters.object_kind
        and letters.object_id = case when named.object_id is null then '*' else objects.object_id end

),

answering as (

    select
        object_kind,
        object_id,
        sum(case when raci = 'A' then 1 else 0 end) as accountable_count,
        sum(case when raci = 'R' then 1 else 0 end) as responsible_count,
        max(case when raci = 'A' then person_id end) as accountable_person_id,
        max(case when raci = 'A' then function_code end) as accountable_function
    from assigned
    group by object_kind, object_id

),

others as (

    select assigned.object_kind, assigned.object_id, count(*) as responsible_elsewhere_count
    from assigned
    inner join answering
        on assigned.object_kind = answering.object_kind
        and assigned.object_id = answering.object_id
        and assigned.function_code <> answering.accountable_function
    where assigned.raci = 'R'
    group by assigned.object_kind, assigned.object_id

),

people as (

    select person_id, is_active, left_date from {{ ref('int_scheme__person') }}

),

known as (

    -- The personnel feed is optional: without it nobody is known and nobody is missing.
    select count(*) > 0 as has_people from people

),

judged as (

    select
        answering.object_kind,
        answering.object_id,
        answering.accountable_count,
        answering.accountable_person_id,
        answering.accountable_function,
        answering.responsible_count,
        case when others.object_id is null then 0 else others.responsible_elsewhere_count end
            as responsible_elsewhere_count,
        people.left_date,
        case
            when answering.accountable_count = 0 then 'NO_OWNER'
            when answering.accountable_count > 1 then 'SEVERAL_OWNERS'
            when others.object_id is null then 'NO_OTHER_FUNCTION'
            when not people.is_active or people.left_date <= {{ as_of() }} then 'OWNER_LEFT'
            when people.person_id is null and known.has_people then 'OWNER_UNKNOWN'
        end as finding_code
    from answering
    cross join known
    left join others
        on answering.object_kind = others.object_kind
        and answering.object_id = others.object_id
    left join people on answering.accountable_person_id = people.person_id

)

select
    object_kind,
    object_id,
    cast(accountable_count as bigint) as accountable_count,
    accountable_person_id,
    accountable_function,
    cast(responsible_count as bigint) as responsible_count,
    cast(responsible_elsewhere_count as bigint) as responsible_elsewhere_count,
    finding_code,
    case finding_code
        when 'NO_OWNER' then 'Nobody answers for it: add a row with letter A to segment_raci.csv.'
        when 'SEVERAL_OWNERS' then 'Several answer for it, so nobody does: keep one row with letter A.'
        when 'NO_OTHER_FUNCTION' then 'No other function does the work: add a row with letter R of another function.'
        when 'OWNER_LEFT' then 'Who answers for it has left: end the row and name another person.'
        when 'OWNER_UNKNOWN' then 'Who answers for it is not in the personnel feed: correct the name.'
    end as finding,
    case when finding_code = 'OWNER_LEFT' then {{ add_days('left_date', 5) }} end as due_date,
    case when finding_code = 'OWNER_LEFT' then {{ add_days('left_date', 5) }} < {{ as_of() }} else false end as is_overdue
from judged
