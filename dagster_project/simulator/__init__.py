"""A demo company of any size, with a truth file of what was planted.

``simulate`` writes the extracts; ``SIZES`` and ``PLANTS`` list what it can be asked for.
"""

from dagster_project.simulator.plants import PLANTS
from dagster_project.simulator.simulate import simulate
from dagster_project.simulator.sizes import SIZES

__all__ = ["PLANTS", "SIZES", "simulate"]
