"""Demand of customers: series, their statistics and classes, simple forecasts, new customers.

Pure functions on arrays: nothing here knows the warehouse, the clock or Dagster. The class of a
series is also computed in SQL (`mart_demand_class`); the formulas are the same and a test holds
both to the same published series. Add a module when a new question about demand needs a fit.
"""
