"""How figures that repeat are watched over time: charts and intervals; marts say them in SQL."""
