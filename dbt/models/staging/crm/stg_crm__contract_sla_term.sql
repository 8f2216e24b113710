{{ stage_feed('crm', 'contract_sla_term') }}
