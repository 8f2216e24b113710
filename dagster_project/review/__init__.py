"""The quarterly review: profit and loss of each segment and why it moved, as files for people.

``figures`` reads a release, ``pack`` writes the files. Nothing is computed here but differences:
what a figure is stands in the marts.
"""

from dagster_project.review.pack import Pack, write_pack

__all__ = ["Pack", "write_pack"]
