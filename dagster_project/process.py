"""How a Tierline process treats Python itself: when garbage is sought, how the process ends.

Nothing about data belongs here.
"""

import atexit
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn


@contextmanager
def without_collecting() -> Iterator[None]:
    """Seek no garbage meanwhile.

    dbt and Great Expectations hold hundreds of thousands of objects for as long as they run.
    Searching all of them again and again costs a tenth of a build and finds next to nothing. What
    was made meanwhile counts as old at the end, so that the next search does not begin with it.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.freeze()
            gc.unfreeze()  # from the permanent generation into the oldest
            gc.enable()


def leave(code: int) -> NoReturn:
    """End the process at once: files are closed by then, and taking down libraries takes a second.

    Args:
        code: Exit code.
    """
    # What libraries leave to the end is still done, such as giving back semaphores of the system.
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
