"""The work warehouse of one home: dbt models and the Python analytics between them.

Add to it what every build needs, whoever starts it (command line, Dagster, tests). What a single
area needs stays in its own package: landing in ``ingestion``, judging and publishing in
``release``.
"""
