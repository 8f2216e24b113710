"""The `demo` command: a simulated company through the main Dagster job, to a published release."""

from typing import Annotated

import typer

from dagster_project.cli.output import JsonOption


def demo(
    size: Annotated[str, typer.Option(help="XS, S, M or L.")] = "S",
    seed: Annotated[int, typer.Option(help="Same seed, same company.")] = 1,
    plant: Annotated[list[str] | None, typer.Option(help="Fault to plant.")] = None,
    json: JsonOption = False,
) -> None:
    """Simulate a company, run the whole way to a release and show what came out.

    Example: tierline demo --size XS
    """
    raise NotImplementedError
