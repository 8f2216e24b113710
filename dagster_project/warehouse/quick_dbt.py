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


class Namespace(dict[str, Any]):
    """The macros that a node finds, by name: dbt's ``MacroNamespace``, looked up at once."""

    local_namespace: dict[str, Any]
    global_namespace: dict[str, Any]
    global_project_namespace: dict[str, Any]
    packages: dict[str, dict[str, Any]]

    def get_from_package(self, package_name: str | None, name: str) -> Any:
        """Return a macro of a package, or of any.

        Raises:
            PackageNotFoundForMacroError: There is no such package.
        """
        from dbt.context.macros import MacroNamespace

        return MacroNamespace.get_from_package(self, package_name, name)  # type: ignore[arg-type]


def _namespace(
    builder: Any, macros_by_package: dict[str, dict[str, Any]], context: dict[str, Any]
) -> Namespace:
    """Do as dbt's ``MacroNamespaceBuilder.build_namespace``.

    dbt makes seven hundred callables for each of the contexts of a node, two or three, one by one
    through four functions: half of its own time.
    """
    from dbt.clients.jinja import MacroGenerator
    from dbt.context.macros import GLOBAL_PROJECT_NAME

    new, node, stack = MacroGenerator.__new__, builder.node, builder.thread_ctx
    internal: dict[str, dict[str, Any]] = {}
    found = Namespace()
    found.packages = {}
    for package, macros in macros_by_package.items():
        made: dict[str, Any] = {}
        for name, macro in macros.items():
            made[name] = one = new(MacroGenerator)
            one.__dict__ = {"context": context, "macro": macro, "node": node, "stack": stack}
        is_internal = package in builder.internal_package_names
        (internal if is_internal else found.packages)[package] = made
    found.global_project_namespace = {}
    for package in reversed(builder.internal_package_names_order):
        found.global_project_namespace |= internal.get(package, {})
    found.local_namespace = dict(found.packages.get(builder.search_package, {}))
    is_root = builder.search_package == builder.root_package
    found.global_namespace = {} if is_root else dict(found.packages.get(builder.root_package, {}))
    found |= found.global_project_namespace
    found[GLOBAL_PROJECT_NAME] = found.global_project_namespace
    found |= found.packages
    found |= found.global_namespace
    found |= found.local_namespace
    return found


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
def few_files(compiled: bool) -> Iterator[None]:
    """Let dbt keep at most the SQL of each node as it compiled it, not that around it as well.

    Args:
        compiled: Keep that; an update runs what the full build before has left.
    """
    from dbt.contracts.graph.nodes import ParsedNode

    write = ParsedNode.write_node

    def write_compiled(self: Any, root: str, path: str, code: str) -> None:
        if compiled and path != self.build_path:
            write(self, root, path, code)

    ParsedNode.write_node = write_compiled  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        ParsedNode.write_node = write  # type: ignore[method-assign]


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

    These are the parsers of dates for results that have none; the macros by the names under which a
    node finds them; the schemas that all nodes lie in, of which there are few; the relations of the
    same name among all; its own arguments; the installed plugins; and the module that names a
    behaviour flag, for which dbt reads the source of all callers.
    """
    import parsedatetime
    from dbt.adapters.base.impl import BaseAdapter
    from dbt.context import providers
    from dbt.context.macros import MacroNamespaceBuilder
    from dbt.plugins.manager import PluginManager
    from dbt_common.behavior_flags import BehaviorFlagRendered

    def schemas(self: Any, nodes: Iterable[Any]) -> set[Any]:
        return schemas_of(self, {(node.database, node.schema): node for node in nodes}.values())

    def match(self: Any, relations: Iterable[Any], database: str, schema: str, name: str) -> Any:
        same = [one for one in relations if (one.identifier or "").lower() == name.lower()]
        return match_of(self, same, database, schema, name)

    schemas_of, match_of = BaseAdapter._get_cache_schemas, BaseAdapter._make_match
    keep_constants = functools.cache(parsedatetime.Constants)
    arguments_of, known_arguments = providers.args_to_dict, {}

    def arguments(args: Any) -> dict[str, Any]:
        if id(args) not in known_arguments:
            known_arguments[id(args)] = args, arguments_of(args)
        return dict(known_arguments[id(args)][1])

    replaced: list[tuple[Any, str, Callable[..., Any]]] = [
        (parsedatetime, "Constants", lambda localeID=None: keep_constants(localeID)),
        (MacroNamespaceBuilder, "build_namespace", _namespace),
        (providers, "args_to_dict", arguments),
        (BaseAdapter, "_get_cache_schemas", schemas),
        (BaseAdapter, "_make_match", match),
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
