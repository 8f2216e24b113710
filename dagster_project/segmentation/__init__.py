"""Scores, what contracts and people say, the replay of the rules, and its bitemporal history."""
