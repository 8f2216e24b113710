{{ stage_feed('crm', 'competitor_offer') }}
