"""The records are made up by the bench, which is no part of the installed package:
it is found from the project folder."""

import sys

from dagster_project.settings import PROJECT_ROOT

if str(PROJECT_ROOT) not in sys.path:
    sys.path.insert(0, str(PROJECT_ROOT))
