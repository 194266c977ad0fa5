"""What may stand inside each drawer: pure rules, keyword-only deeds, asking queries, plain models, words, shells."""

import ast
from collections.abc import Iterator

from . import house
from .tree import Finding, Function, Source, Tree, keyword, name_of

ASKS_TABLES = frozenset(
    {"aggregate", "all", "annotate", "count", "exclude", "exists", "filter", "first", "last", "order_by", "values_list"}
)
WRITES = frozenset({"bulk_create", "bulk_update", "create", "delete", "get_or_create", "save", "update_or_create"})
NUMBER_OF_QUERIES = ("query", "queries")


def rules_are_pure(tree: Tree) -> Iterator[Finding]:
    """Rules, enums and kit's pure tools import values and arithmetic only; enums nothing of ours."""
    for source in tree.drawer("rules", "enums"):
        yield from _impure(tree, source)
    for source in tree.drawer(*house.PURE_KIT):
        if source.place and source.place.name == house.KIT:
            yield from _impure(tree, source)


def _impure(tree: Tree, source: Source) -> Iterator[Finding]:
    for found in tree.imports(source):
        there = house.place_of(found.module)
        if there is None and found.module.partition(".")[0] not in house.PURE_PARTS:
            yield source.finding(
                found.line,
                f"imports {found.module}. Rules and enums are pure: plain values in, an outcome out. "
                "What reads the world belongs in actions, queries or wording, which hand the values in.",
            )
        elif there is not None and not _pure_neighbour(source, there):
            yield source.finding(
                found.line,
                f"imports {found.module}. Rules know only rules, enums and kit's {', '.join(sorted(house.PURE_KIT))}; "
                "enums know nothing of ours. Take the fact as a value.",
            )
    for node in source.nodes:
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("open", "print", "input")
        ):
            yield source.finding(node, f"calls {node.func.id}(). A rule returns its explanation as a value.")


def _pure_neighbour(source: Source, there: house.Place) -> bool:
    if source.place is None or there.part != "room":
        return False
    if source.place.drawer == "enums":
        return there.name == source.place.name and there.drawer == "enums" and source.is_package
    pure = house.PURE_KIT if there.name == house.KIT else frozenset[str]()
    return there.drawer in {"rules", "enums"} | pure


def values_are_frozen(tree: Tree) -> Iterator[Finding]:
    """Dataclasses that rules, queries and pages hand out cannot be changed by whoever gets them."""
    doors = (source for source in tree.within("doors") if source.place and source.place.drawer == "pages")
    for source in (*tree.drawer("rules", "queries"), *doors):
        values = [node for node in source.nodes if isinstance(node, ast.ClassDef)]
        for node in () if source.path in house.WORKING_STATE else values:
            for decorator in node.decorator_list:
                if name_of(decorator) == "dataclass" and not _is_true(decorator, "frozen"):
                    yield source.finding(
                        node, f"{node.name} can be changed after it was handed out: @dataclass(frozen=True)."
                    )


def _is_true(node: ast.expr, name: str) -> bool:
    value = keyword(node, name) if isinstance(node, ast.Call) else None
    return isinstance(value, ast.Constant) and value.value is True


def actions_name_their_arguments(tree: Tree) -> Iterator[Finding]:
    """A deed takes keywords only, among them `at` and `actor`, and sends nothing before its transaction is over."""
    for source, function in actions(tree):
        given = function.args
        if given.posonlyargs or given.args or given.vararg:
            yield source.finding(
                function, f"{function.name} takes arguments by position. Put * first, so that every call reads."
            )
        if function.name.startswith("read_"):
            continue  # a locked read for work in sets: it changes nothing, so nobody does it at any time
        missing = {"at", "actor"} - {argument.arg for argument in (*given.kwonlyargs, *given.args)}
        if missing:
            yield source.finding(
                function,
                f"{function.name} lacks {' and '.join(sorted(missing))}. A deed is told when it happens and who does "
                "it; a question belongs in queries, a step of a deed in a private leaf.",
            )
    for source in tree.drawer("actions"):
        yield from _sent_too_early(source)


def actions(tree: Tree) -> Iterator[tuple[Source, Function]]:
    """Will yield every deed a room offers: the public functions of actions.py, or what actions/__init__.py imports."""
    offered = {m for source in tree.drawer("actions") if source.is_package for m in source.meanings.values()}
    for source in tree.drawer("actions"):
        alone = source.module.endswith(".actions")
        for function in source.public_functions:
            if alone or f"{source.module}.{function.name}" in offered:
                yield source, function


def _sent_too_early(source: Source) -> Iterator[Finding]:
    later = {inner for node in source.nodes if _is_call(node, {"on_commit"}) for inner in ast.walk(node)}
    for node in source.nodes:
        if _is_call(node, {"delay", "apply_async"}) and node not in later:
            yield source.finding(
                node, "starts a task inside the transaction. Wrap it: transaction.on_commit(lambda: task.delay(id))."
            )


def _is_call(node: ast.AST, names: set[str] | frozenset[str]) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name) and name_of(node.func) in names
    )


def queries_answer_in_types(tree: Tree) -> Iterator[Finding]:
    """A question returns typed values, says how many SQL queries it costs, and writes nothing."""
    for source in tree.drawer("queries"):
        for function in source.public_functions:
            returned = ast.unparse(function.returns) if function.returns else ""
            if not returned or "QuerySet" in returned or returned in ("Any", "object", "dict[str, Any]", "dict"):
                yield source.finding(
                    function,
                    f"{function.name} answers {returned or 'nothing stated'}. Return a frozen dataclass or plain "
                    "values; chainable filters belong in querysets.py.",
                )
            docstring = (ast.get_docstring(function) or "").lower()
            if docstring and not any(word in docstring for word in NUMBER_OF_QUERIES):
                yield source.finding(
                    function, f"{function.name} does not say what it costs. End its docstring with 'One query.' or so."
                )
        yield from _writing(source)
    for source in tree.drawer("querysets"):
        yield from _writing(source)


def _writing(source: Source) -> Iterator[Finding]:
    for node in source.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            verb = node.func.attr
            on_rows = ".objects" in ast.unparse(node.func) or ".filter(" in ast.unparse(node.func)
            if verb in WRITES or (verb == "update" and on_rows):
                yield source.finding(
                    node, f"calls .{verb}() in a drawer that only reads. Deeds belong in actions or jobs."
                )


def models_are_plain(tree: Tree) -> Iterator[Finding]:
    """Models hold fields, constraints, indexes and row predicates: no save override, no query in a property."""
    for source in tree.drawer("models"):
        for node in source.nodes:
            for function in node.body if isinstance(node, ast.ClassDef) else ():
                if not isinstance(function, ast.FunctionDef):
                    continue
                if function.name in ("save", "delete", "full_clean"):
                    yield source.finding(
                        function,
                        f"overrides {function.name}. What must always hold is a constraint; what happens is an action.",
                    )
                if {name_of(d) for d in function.decorator_list} & {"property", "cached_property"} and _asks(function):
                    yield source.finding(
                        function, f"queries inside the property {function.name}. Such a question belongs in queries."
                    )


def _asks(function: ast.FunctionDef) -> bool:
    return any(
        _is_call(node, ASKS_TABLES)
        or (isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager"))
        for node in ast.walk(function)
    )


def wording_only_words(tree: Tree) -> Iterator[Finding]:
    """Wording turns codes and facts into sentences: no tables, no queries, no deeds."""
    for source in tree.drawer("wording"):
        for found in tree.imports(source):
            there = house.place_of(found.module)
            reads = there is not None and there.drawer in {"models", "querysets", "queries", "actions", "jobs"}
            if reads or found.module.startswith("django.db"):
                yield source.finding(
                    found.line,
                    f"imports {found.module}. Words are made of codes and facts handed in; ask in the pages.",
                )


def tasks_are_shells(tree: Tree) -> Iterator[Finding]:
    """A Celery task has a pinned name, decides nothing, and hands ids to a flow, an action or a job."""
    for source in tree.within("room", "flows"):
        for function in source.functions:
            shells = [d for d in function.decorator_list if name_of(d) in ("shared_task", "task")]
            if shells and not (isinstance(shells[0], ast.Call) and keyword(shells[0], "name")):
                yield source.finding(
                    function,
                    f"the task {function.name} has no pinned name. Messages in the queue outlive a rename: name=.",
                )
            if shells and source.place and source.place.drawer != "tasks":
                yield source.finding(function, f"the task {function.name} belongs in tasks.py.")
            if shells and any(isinstance(node, ast.For | ast.While | ast.If) for node in ast.walk(function)):
                yield source.finding(
                    function, f"the task {function.name} decides or loops. That belongs in what it calls."
                )


CHECKS = (
    rules_are_pure,
    values_are_frozen,
    actions_name_their_arguments,
    queries_answer_in_types,
    models_are_plain,
    wording_only_words,
    tasks_are_shells,
)
