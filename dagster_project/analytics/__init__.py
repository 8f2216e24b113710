"""Analytics in Python: pure functions on tables, where SQL is not enough."""
