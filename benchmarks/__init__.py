"""The bench: what a build costs, against the same SQL without us and against data frames.

``bench`` runs all of it in turn. Each part runs in a fresh process of its own (``process``), so
that start-up and imports count and memory can be told apart. Results are printed, not kept.
"""
