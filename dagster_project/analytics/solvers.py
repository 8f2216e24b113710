"""The Python that runs between dbt models, and when.

A solver reads intermediate tables and policy seeds and writes tables of schema ``analytics``. The
build runs the stages in order: first the dbt nodes that the stage's solvers need, then the solvers;
the last stage has no solver and makes everything else. Add a solver by adding a ``run`` module with
its inputs, outputs and one function, and an entry below.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dagster_project.analytics.tables import Tables
from dagster_project.cost import run as cost
from dagster_project.demand import run as demand
from dagster_project.identity import run as identity
from dagster_project.improvement import run as improvement
from dagster_project.schemes import run as schemes
from dagster_project.segmentation import run as segmentation
from dagster_project.service import run as service
from dagster_project.value import run as value


@dataclass(frozen=True)
class Solver:
    """One piece of Python analytics.

    Args:
        name: As the build, the receipt and Dagster call it.
        group: Group in the Dagster graph.
        inputs: dbt models and seeds that must stand before.
        outputs: Tables of schema ``analytics`` that it writes, all of them on each run.
        solve: Called with the warehouse and the logical date (``YYYY-MM-DD``); returns what a
            person wants to see of the run: rows by output, and under ``shown`` by output and
            title what Dagster shows in Markdown.
        reads_date: False when the result does not depend on the logical date.
        reads: Tables of schema ``analytics`` that solvers before it in the same stage write.
    """

    name: str
    group: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    solve: Callable[[Tables, str], dict[str, Any]]
    reads_date: bool = True
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class StageOfBuild:
    """dbt nodes that certain solvers need, then the solvers.

    Args:
        name: As Dagster calls the step.
        solvers: In their order.
        also: Models and seeds that the dbt tests of the stage's tables read beside them. A test
            then runs in the step that makes its table, where Dagster waits for its result.
    """

    name: str
    solvers: tuple[Solver, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the dbt models and seeds that must stand before the solvers of the stage."""
        read = (name for solver in self.solvers for name in solver.inputs)
        return tuple(dict.fromkeys([*read, *self.also]))


SEGMENTATION = Solver(
    "segmentation",
    "segmentation",
    segmentation.INPUTS,
    segmentation.OUTPUTS,
    segmentation.run_segmentation,
)

DEMAND = Solver("demand", "demand", demand.INPUTS, demand.OUTPUTS, demand.run_demand)

VALUE = Solver("customer_value", "value", value.INPUTS, value.OUTPUTS, value.run_value)

SCHEMES = Solver(
    "schemes",
    "schemes",
    schemes.INPUTS,
    schemes.OUTPUTS,
    schemes.run_schemes,
    reads=schemes.READS,
)

IDENTITY = Solver(
    "identity",
    "identity",
    identity.INPUTS,
    identity.OUTPUTS,
    identity.run_identity,
    reads_date=False,
)

IMPROVEMENT = Solver(
    "improvement",
    "improvement",
    improvement.INPUTS,
    improvement.OUTPUTS,
    improvement.run_improvement,
    reads=improvement.READS,
)

COST = Solver("cost_to_serve", "cost", cost.INPUTS, cost.OUTPUTS, cost.run_cost)

SERVICE = Solver(
    "service",
    "service",
    service.INPUTS,
    service.OUTPUTS,
    service.run_service,
)

STAGES = (
    StageOfBuild("standardise", (IDENTITY,)),
    # Schemes come after segmentation: they read its assignments.
    StageOfBuild("unify", (SEGMENTATION, DEMAND, VALUE, SCHEMES), also=("currency",)),
    StageOfBuild("attain", (SERVICE,), also=("service_element",)),
    # Costs of segments come after the facts that carry them; improvement judges both.
    StageOfBuild("account", (COST, IMPROVEMENT), also=("dim_segment",)),
    StageOfBuild("marts"),
)

SOLVERS = tuple(solver for stage in STAGES for solver in stage.solvers)


def solver_named(name: str) -> Solver:
    """Return a solver by its name.

    Raises:
        KeyError: There is none.
    """
    return {solver.name: solver for solver in SOLVERS}[name]
