"""`tierline policy attributes` and `fitness`: is an attribute, is a scheme worth having?

The other commands of `tierline policy` are in `policy.py`; what is computed belongs in
`dagster_project/schemes`.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli.output import JsonOption, emit, progress_bar, table

if TYPE_CHECKING:
    from rich.console import Console

SchemeOption = Annotated[
    str | None, typer.Option("--scheme", help="Scheme; the only active one when not given.")
]


def attributes(
    pin: Annotated[
        list[str] | None, typer.Option(help="Attribute to keep whatever its figures; repeatable.")
    ] = None,
    scheme: SchemeOption = None,
    json: JsonOption = False,
) -> None:
    """Judge every attribute: coverage, stability, what it says of next year's margin, overlap.

    Example: tierline policy attributes --pin net_revenue
    """
    from dataclasses import asdict

    from dagster_project.errors import UsageError
    from dagster_project.schemes.catalogue import judge_attributes
    from dagster_project.schemes.measure import measure
    from dagster_project.schemes.reader import read_folder, read_history, the_scheme
    from dagster_project.segmentation.attributes import ATTRIBUTES
    from dagster_project.settings import get_settings

    pinned = pin or []
    unknown = [name for name in pinned if name not in ATTRIBUTES]
    if unknown:
        raise UsageError(
            f"There is no attribute {', '.join(unknown)}.", f"Known: {', '.join(ATTRIBUTES)}."
        )
    settings = get_settings()
    chosen = the_scheme(read_folder(settings.policy_dir), scheme)
    weights = {rule.attribute_id: rule.weight for rule in chosen.attributes}
    with progress_bar("Judging attributes"):
        measured = measure(read_history(settings), chosen)
        facts = judge_attributes(measured.names, measured.months, measured.target, pinned)

    def show(console: "Console") -> None:
        names = ["Attribute", "Weight", "Coverage", "Stability", "Shift", "Bits", "Inflation"]
        rows = [
            [
                one.attribute_id,
                weights.get(one.attribute_id),
                one.coverage,
                one.stability,
                f"{one.shift.index:.3f}{' !' if one.shift.is_shifted else ''}"
                if one.shift
                else None,
                one.information_gain,
                one.inflation,
                one.is_chosen,
                one.reason,
            ]
            for one in facts
        ]
        count = len(measured.months[-1])
        title = f"Attributes of {count:,} customers in {measured.judged_month}"
        console.print(table(title, [*names, "Keep", "Because"], rows))
        console.print("Shift: population stability index; ! is more than chance makes of it.")
        if measured.target is None:
            console.print("Bits about next year's margin: the history is too short to know.")

    rows = [asdict(one) | {"weight": weights.get(one.attribute_id)} for one in facts]
    emit({"judged_month": measured.judged_month, "attributes": rows}, json, show)


def fitness(json: JsonOption = False) -> None:
    """Say how well each active scheme separates customers in what each purpose is about.

    Example: tierline policy fitness
    """
    from dataclasses import asdict
    from datetime import date

    from dagster_project.schemes.crosswalk import segments_on
    from dagster_project.schemes.fitness import (
        PURPOSES,
        check_active,
        fitness_of,
        fittest,
        read_outcome,
    )
    from dagster_project.schemes.reader import built_day, read_rows, work_file
    from dagster_project.segmentation.policy import EXCLUDED
    from dagster_project.settings import get_settings

    settings = get_settings()
    schemes = read_rows(settings.policy_dir / "segment_scheme.csv")
    check_active(schemes)
    active = {str(row["scheme_id"]): row for row in schemes if row["status"] == "ACTIVE"}
    day = date.fromisoformat(built_day(settings))
    found = []
    with progress_bar("Judging schemes"), work_file(settings) as tables:
        segments = {
            name: {
                entity: code
                for entity, code in segments_on(tables, name, day).items()
                if code != EXCLUDED
            }
            for name in sorted(active)
        }
        for purpose, outcome in PURPOSES.items():
            values = read_outcome(tables, purpose)
            judged = {name: fitness_of(segments[name], values) for name in segments}
            best = fittest(judged)
            for name, one in judged.items():
                found.append(
                    {"purpose": purpose, "outcome": outcome, "scheme_id": name}
                    | asdict(one)
                    | {
                        "is_fittest": name == best,
                        "is_its_purpose": active[name]["purpose"] == purpose,
                    }
                )

    def show(console: "Console") -> None:
        wanted = ("purpose", "scheme_id", "is_its_purpose", "adjusted", "entities", "is_fittest")
        names = ["Purpose", "Scheme", "Made for it", "Explained", "Customers", "Fittest"]
        rows = [[row[name] for name in wanted] + [row["why_none"]] for row in found]
        title = f"Share of variance between segments on {day}, adjusted"
        console.print(table(title, [*names, ""], rows))
        for purpose, outcome in PURPOSES.items():
            console.print(f"{purpose}: {outcome}.")

    emit(found, json, show)
