select activity_id, pool_id, name, driver, null as time_equation from activity
