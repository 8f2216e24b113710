"""dbt without work that changes nothing: what it has made already, and what nobody reads.

An update runs two hundred small nodes, so that dbt's own Python is a good part of one more day.
Each function here leaves the rows and the verdicts as they are.
"""

import functools
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

NODE_FINISHED = "NodeFinished"


def import_dbt() -> None:
    """Import dbt; how its classes are written to and read from text is worked out when asked for.

    It has hundreds of them, of which an update reads or writes a few.
    """
    from mashumaro.config import BaseConfig

    BaseConfig.lazy_compilation = True
    import dbt.cli.main  # noqa: F401


@functools.cache
def _plugins() -> dict[str, Any]:
    """Return the plugins of dbt by the names of their modules; one search per process."""
    from dbt.plugins.manager import PluginManager

    names = [one.name for one in pkgutil.iter_modules()]
    prefix = PluginManager.PLUGIN_MODULE_PREFIX
    return {name: importlib.import_module(name) for name in names if name.startswith(prefix)}


@contextmanager
def few_events() -> Iterator[None]:
    """Let dbt word only what is heard: finished nodes, warnings and errors.

    It makes and words some twenty events per node for logs that nobody reads, in a fifth of its
    time. The others are left empty where they are made.
    """
    from dbt_common.events import event_manager_client
    from dbt_common.events.base_types import BaseEvent, EventLevel
    from dbt_common.events.event_manager import EventManager

    heard = (EventLevel.WARN, EventLevel.ERROR)

    class FewEvents(EventManager):
        def fire_event(self, e: BaseEvent, *rest: Any, **options: Any) -> None:
            if "pb_msg" in e.__dict__:
                super().fire_event(e, *rest, **options)

    make = BaseEvent.__init__

    def make_heard(self: BaseEvent, *arguments: Any, **options: Any) -> None:
        if self.level_tag() in heard or type(self).__name__ == NODE_FINISHED:
            make(self, *arguments, **options)

    usual = event_manager_client.get_event_manager()
    event_manager_client.ctx_set_event_manager(FewEvents())
    BaseEvent.__init__ = make_heard  # type: ignore[method-assign]
    try:
        yield
    finally:
        BaseEvent.__init__ = make  # type: ignore[method-assign]
        event_manager_client.ctx_set_event_manager(usual)


@contextmanager
def known_project() -> Iterator[None]:
    """Let dbt take for granted what the full build before has checked: the same files.

    It neither holds them against their schemas, which it makes anew in every process, nor looks
    for cycles, nor describes the graph.
    """
    from dbt.compilation import Linker
    from dbt_common.dataclass_schema import dbtClassMixin

    taken = [(Linker, "find_cycles"), (Linker, "get_graph_summary"), (dbtClassMixin, "validate")]
    usual = [owner.__dict__[name] for owner, name in taken]
    for owner, name in taken:
        setattr(owner, name, lambda *_: None)
    try:
        yield
    finally:
        for (owner, name), method in zip(taken, usual, strict=True):
            setattr(owner, name, method)


@contextmanager
def made_once() -> Iterator[None]:
    """Let dbt keep what it makes anew for each call, query or node and is always the same.

    These are the parsers of dates for results that have none; of the names by which a node finds
    macros, the order in which the packages overrule one another; the schemas that all nodes lie in,
    of which there are few; the installed plugins; and the module that names a behaviour flag, for
    which dbt reads the source of all callers.
    """
    import parsedatetime
    from dbt.adapters.base.impl import BaseAdapter
    from dbt.context.macros import GLOBAL_PROJECT_NAME, MacroNamespace
    from dbt.plugins.manager import PluginManager
    from dbt_common.behavior_flags import BehaviorFlagRendered

    def flat(self: Any) -> dict[str, Any]:
        if "flat" not in self.__dict__:
            own = {GLOBAL_PROJECT_NAME: self.global_project_namespace, **self.packages}
            self.flat = self.global_project_namespace | own
            self.flat |= self.global_namespace | self.local_namespace
        return self.flat

    def schemas(self: Any, nodes: Iterable[Any]) -> set[Any]:
        return schemas_of(self, {(node.database, node.schema): node for node in nodes}.values())

    schemas_of = BaseAdapter._get_cache_schemas
    keep_constants = functools.cache(parsedatetime.Constants)
    replaced: list[tuple[Any, str, Callable[..., Any]]] = [
        (parsedatetime, "Constants", lambda localeID=None: keep_constants(localeID)),
        (MacroNamespace, "__getitem__", lambda self, key: flat(self)[key]),
        (MacroNamespace, "__iter__", lambda self: iter(flat(self))),
        (MacroNamespace, "__len__", lambda self: len(flat(self))),
        (BaseAdapter, "_get_cache_schemas", schemas),
        (PluginManager, "get_prefixed_modules", _plugins),
        (BehaviorFlagRendered, "_default_source", staticmethod(lambda: "dbt.adapters")),
    ]
    usual = [owner.__dict__[name] for owner, name, _ in replaced]
    for owner, name, quick in replaced:
        setattr(owner, name, quick)
    try:
        yield
    finally:
        for (owner, name, _), method in zip(replaced, usual, strict=True):
            setattr(owner, name, method)
