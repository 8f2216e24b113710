"""What a replay of a scheme leaves: events, evaluations, and the rulings behind them."""

from dataclasses import dataclass, field

from dagster_project.reclassification.proposals import Proposals
from dagster_project.reclassification.rules import RuleSet
from dagster_project.segmentation.scores import IntArray
from dagster_project.segmentation.scoring import Population


@dataclass(frozen=True)
class Event:
    """A decision about one entity. Segments are codes; the first decision has no ``before``.

    ``rule`` is the rule, or the cause where no rule decided; ``score`` is in ten-thousandths of a
    point; ``place`` is that of the contract or request that decided, -1 for none. ``proposed_day``
    is that of the proposal where people approved it later, by ``request_id``.
    """

    entity: int
    evaluation_month: int | None
    before: str | None
    after: str
    valid_from_day: int
    recorded_day: int
    rule: str
    cause: str
    reason: str
    rule_version: int | None = None
    score: int | None = None
    place: int = -1
    request_id: str | None = None
    proposed_day: int | None = None


@dataclass
class Standing:
    """What became of a proposal that waited: WAITING, RENEWED, LAPSED, APPROVED or REJECTED."""

    state: str
    since_day: int
    request_id: str | None = None
    approved_by: str | None = None
    effective_day: int | None = None


@dataclass(frozen=True)
class Evaluation:
    """What one evaluation found for each entity that existed and is not X0.

    ``segment`` is the one decided; ``score`` is -1 where there is none; the streaks count for the
    next better tier and for the own tier.
    """

    month: int
    recorded_day: int
    entity: IntArray
    status: IntArray
    segment: IntArray
    score: IntArray
    order_count: IntArray
    up_streak: IntArray
    down_streak: IntArray
    population: Population


@dataclass(frozen=True)
class Ruling:
    """The proposals of one day. ``who`` turns their positions into entities; ``place`` is that of
    the contract or request behind each proposal, -1 for none, and ``asked_day`` the day from which
    it shall count, ``NEVER`` where that is the day itself; ``reasons`` say why; ``standing`` has
    those that wait for people, or did, by place."""

    month: int | None
    proposals: Proposals
    who: IntArray
    place: IntArray
    asked_day: IntArray
    reasons: list[str]
    standing: dict[int, Standing] = field(default_factory=dict)

    @property
    def entity(self) -> IntArray:
        return self.who[self.proposals.entity]


@dataclass
class Outcome:
    """Events in the order in which they were decided, the evaluations and the rulings behind them.

    ``rule_set`` is the one that ruled.
    """

    rule_set: RuleSet
    events: list[Event] = field(default_factory=list)
    evaluations: list[Evaluation] = field(default_factory=list)
    rulings: list[Ruling] = field(default_factory=list)
