"""Why promises were not kept: what demand and what execution did, and where the way is narrow.

Pure functions in ``replay`` and ``bottleneck``; ``run`` knows the tables.
"""
