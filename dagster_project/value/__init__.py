"""What a customer is worth: landed cost, cost of activities, whale curve, score, lifetime value.

Pure functions on arrays and nothing else; no module here knows of a table, a clock or Dagster. Add
a module when a measure of value needs a fit or an allocation; a sum or a window belongs in a dbt
model of `marts/profiling`.
"""
