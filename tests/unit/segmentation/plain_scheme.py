"""The default scheme told by heart, one customer and one month at a time.

A second way to the same moves for tests: it reads no policy file and shares no code with the
engine. Its numbers are those of the specification. Days count from 1970-01-01.
"""

from datetime import date

NEVER = -(10**6)
TIERS = ["S1", "S2", "S3", "S4"]
UP = {"S1": 85, "S2": 65, "S3": 35}
DOWN = {"S1": 78, "S2": 58, "S3": 28}


def text(day):
    return str(date.fromordinal(day + date(1970, 1, 1).toordinal()))


def first_of_month_from(day):
    while text(day)[8:] != "01":
        day += 1
    return day


def by_score(score):
    return next((tier for tier in TIERS[:3] if score >= UP[tier]), "S4")


def no_better_than(cap, tier):
    return max(cap, tier, key=TIERS.index)


class PlainCustomer:
    """One customer and its segment, told month by month."""

    def __init__(self, start_day):
        self.segment, self.since, self.last_tier, self.woken = "N0", start_day, None, NEVER
        self.above = dict.fromkeys(UP, 0)
        self.below = dict.fromkeys(DOWN, 0)
        self.moves = []
        self.promises = []

    def promise(self, tier, first_day, until_day):
        """A contract that promises a tier from a day on, up to another that no longer counts."""
        self.promises.append((tier, first_day, until_day))

    def floor(self, day):
        held = [tier for tier, first, until in self.promises if first <= day < until]
        return min(held, default=None)

    def hear_of_contracts(self, day):
        """A contract begins: who stands below what it promises is lifted at once."""
        floor = self.floor(day)
        if floor and (self.segment == "N0" or (self.segment in TIERS and self.segment > floor)):
            self.move(day, floor, day)

    def hear(self, day, status, score, orders):
        """An evaluation: status, score in points or None, and orders known so far."""
        for tier in UP:
            held = score is not None and score >= UP[tier]
            self.above[tier] = self.above[tier] + 1 if held else 0
            lost = score is not None and score < DOWN[tier]
            self.below[tier] = self.below[tier] + 1 if lost else 0
        wanted = self.wish(day, status, score, orders)
        if wanted is None:
            return
        floor = self.floor(day)
        after, valid_from = wanted
        if floor and after != "D0" and (after == "N0" or after > floor):
            after, valid_from = floor, day
        if after != self.segment:
            self.move(day, after, valid_from)

    def move(self, day, after, valid_from):
        self.moves.append((day, self.segment, after, valid_from))
        if self.segment == "D0":
            self.woken = day
        self.segment, self.since = after, valid_from
        if after in TIERS:
            self.last_tier = after

    def wish(self, day, status, score, orders):
        if status == "DORMANT":
            return None if self.segment == "D0" else ("D0", day)
        if self.segment == "D0":
            if self.last_tier:
                return no_better_than("S3", self.last_tier), day
            return ("N0" if score is None else no_better_than("S3", by_score(score))), day
        if score is None:
            return None
        if self.segment == "N0":
            return by_score(score) if orders >= 3 else no_better_than("S2", by_score(score)), day
        return self.rise(day) or self.fall(day)

    def rise(self, day):
        if self.segment == "S1":
            return None
        above = TIERS[TIERS.index(self.segment) - 1]
        is_capped = above in ("S1", "S2") and day - self.woken < 90
        if self.above[above] < 2 or day - self.since < 90 or is_capped:
            return None
        return above, first_of_month_from(day)

    def fall(self, day):
        if self.segment == self.floor(day):
            return None
        if self.segment == "S4" or self.below[self.segment] < 3 or day - self.since < 180:
            return None
        if text(day)[5:7] in ("11", "12"):
            return None
        return TIERS[TIERS.index(self.segment) + 1], first_of_month_from(day + 30)
