with

records as (

    select
        record.record_id,
        record.source_system,
        record.source_id,
        record.names_id,
        record.named_customer_id,
        cluster.cluster_id,
        cluster.method,
        cluster.confidence,
        cluster.rule,
        cluster.linked_id,
        cluster.reason,
        -- Who stands for a party: the leading system, then who is in use, then who came first.
        row_number() over (
            partition by cluster.cluster_id
            order by
                coalesce(source.priority, 1000) asc,
                case when record.is_active then 0 else 1 end asc,
                coalesce(record.created_date, cast('9999-12-31' as date)) asc,
                record.record_id asc
        ) as rank_no
    from {{ ref('int_party__record') }} as record
    inner join {{ source('analytics', 'identity_cluster') }} as cluster
        on record.record_id = cluster.record_id
    left join {{ ref('identity_source') }} as source
        on record.source_system = source.source_system

),

heads as (

    select
        cluster_id,
        record_id as party_key,
        case when source_system = 'erp' then source_id end as customer_id
    from records
    where rank_no = 1

),

final as (

    select
        record.source_system,
        record.source_id,
        head.party_key,
        case
            when record.source_system = 'erp' then record.source_id
            when named.record_id is not null then record.named_customer_id
            else head.customer_id
        end as customer_id,
        case
            when record.record_id = head.party_key and record.source_system = 'erp' then 'DETERMINISTIC'
            when record.method = 'SINGLE' then 'UNMATCHED'
            else record.method
        end as method,
        case
            when record.record_id = head.party_key and record.source_system = 'erp' then 'ERP_CUSTOMER_ID'
            when record.rule is null then 'UNMATCHED'
            when record.rule = 'named' then 'CRM_CUSTOMER_ID'
            else upper(record.rule)
        end as rule,
        cast(
            case
                when record.record_id = head.party_key and record.source_system = 'erp' then 1
                when record.method = 'SINGLE' then 0
                else record.confidence
            end as decimal(9, 4)
        ) as confidence,
        record.linked_id,
        case
            when record.record_id = head.party_key and record.source_system = 'erp' then 'stands for the party'
            else coalesce(record.reason, 'resembles nobody')
        end as explanation,
        cast('1900-01-01' as date) as valid_from,
        cast('9999-12-31' as date) as valid_to
    from records as record
    inner join heads as head on record.cluster_id = head.cluster_id
    left join records as named
        on record.names_id = named.record_id
        and record.cluster_id = named.cluster_id

)

select * from final
