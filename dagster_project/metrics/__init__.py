"""The registry of metrics: one definition for each, which policies, marts and pages name by its id.

``registry`` reads ``seeds/policy/metric_definition.csv``, ``checks`` says who names a metric that
is not there, ``semantic`` says the same registry in the words of MetricFlow. How a mart computes a
metric belongs in the mart; a test holds both against each other.
"""
