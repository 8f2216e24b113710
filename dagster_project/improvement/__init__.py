"""Service that is agreed upon, missed and put right: pure functions and their solver.

``run`` names the tables; each other module is one judgement. What people decide about it is in
``dagster_project/governance/improvement_kinds.py``; the marts are in
``dbt/models/marts/improvement``.
"""
