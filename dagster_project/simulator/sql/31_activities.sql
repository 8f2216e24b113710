-- What people do to serve customers, and how long it takes: a time equation is a row per term.

create or replace table activity as
select * from (values
    ('ORDER_ENTRY', 'ORDER_DESK', 'Order entry', 'ORDER'),
    ('ORDER_CHANGE', 'ORDER_DESK', 'Order change', 'ORDER_CHANGE'),
    ('CREDIT_CHECK', 'ORDER_DESK', 'Credit check', 'ORDER'),
    ('INVOICING', 'ORDER_DESK', 'Invoicing and collections', 'INVOICE'),
    ('PICK', 'WAREHOUSE', 'Picking', 'SHIPMENT_LINE'),
    ('PACK', 'WAREHOUSE', 'Packing', 'SHIPMENT'),
    ('LOAD', 'SHIPPING', 'Loading and papers', 'SHIPMENT'),
    ('EXPEDITE', 'SHIPPING', 'Expediting', 'RUSH_ORDER'),
    ('SALES_VISIT', 'KEY_ACCOUNTS', 'Sales visit', 'VISIT'),
    ('RETURN_HANDLING', 'RETURNS', 'Return handling', 'RETURN_LINE'),
    ('CLAIM', 'RETURNS', 'Claims and cases', 'CASE')
) as t(activity_id, pool_id, name, driver);

create or replace table time_standard as
select * from (values
    ('ORDER_ENTRY', 'BASE', 2.0), ('ORDER_ENTRY', 'MANUAL_ORDER', 3.0), ('ORDER_ENTRY', 'ORDER_LINE', 0.5),
    ('ORDER_ENTRY', 'MANUAL_ORDER_LINE', 1.2), ('ORDER_CHANGE', 'BASE', 4.0), ('CREDIT_CHECK', 'BASE', 1.5),
    ('INVOICING', 'BASE', 2.5), ('PICK', 'BASE', 2.0), ('PICK', 'HAZMAT_LINE', 1.2), ('PACK', 'BASE', 3.0),
    ('LOAD', 'BASE', 4.0), ('EXPEDITE', 'BASE', 12.0), ('SALES_VISIT', 'VISIT_MINUTE', 1.0),
    ('RETURN_HANDLING', 'BASE', 15.0), ('CLAIM', 'BASE', 20.0)
) as t(activity_id, term, standard_minutes);

-- What was done in each period, counted as it is made.
create or replace table work_done (period varchar, driver varchar, qty bigint);
