"""What serving costs by segment, what capacity stood idle, why the profit of a segment moved.

``capacity`` holds the method for one pool, the scripts in ``sql`` that for a company; ``engine``
runs them and ``run`` reads and writes the warehouse. What belongs to one customer (its profit, its
value) stands in ``value`` and in the models of ``profit``.
"""
