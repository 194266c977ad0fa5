"""Reading a checkout once: its Python modules, SQL statements and templates, and what a check reports."""

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from . import house

SKIPPED = frozenset({"__pycache__", "node_modules", "static", "locale", "requirements", "docs", "var", "build", "dist"})


Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Finding:
    """One thing that stands in the wrong place, and where it belongs."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Import:
    """One imported module; of what others wrote, the imported name with it."""

    line: int
    module: str


class Source:
    """One Python file, parsed; `path` is relative to the checkout."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.tree = ast.parse(text, filename=path)
        parts = path.removesuffix(".py").split("/")
        self.is_package = parts[-1] == "__init__"
        self.module = ".".join(parts[:-1] if self.is_package else parts)
        self.package = self.module if self.is_package else self.module.rpartition(".")[0]
        self.place = house.place_of(self.module)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes of the file."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """All functions and methods of the file, nested ones too."""
        return tuple(node for node in self.nodes if isinstance(node, Function))

    @cached_property
    def public_functions(self) -> tuple[Function, ...]:
        """The functions of the module itself whose name has no leading underscore."""
        return tuple(f for f in self.functions if f in self.tree.body and not f.name.startswith("_"))

    @cached_property
    def strings(self) -> tuple[ast.Constant, ...]:
        """All string constants but docstrings and other bare strings."""
        bare = {node.value for node in self.nodes if isinstance(node, ast.Expr)}
        return tuple(
            node
            for node in self.nodes
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in bare
        )

    @cached_property
    def meanings(self) -> dict[str, str]:
        """What each imported local name stands for, dotted."""
        found: dict[str, str] = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.asname or alias.name.partition(".")[0]
                    found[name] = alias.name if alias.asname else name
            elif isinstance(node, ast.ImportFrom):
                base = self.absolute(node)
                found.update({alias.asname or alias.name: f"{base}.{alias.name}" for alias in node.names})
        return found

    @cached_property
    def mentions(self) -> tuple[tuple[ast.expr, str], ...]:
        """Every use of an imported name, with the whole dotted path it stands for."""
        found = []
        for node in self.nodes:
            if isinstance(node, ast.Name | ast.Attribute):
                dotted = self.dotted(node)
                if dotted:
                    found.append((node, dotted))
        return tuple(found)

    def dotted(self, node: ast.expr) -> str:
        """Will return the dotted path an expression stands for, or nothing if it does not begin with an import."""
        tail: list[str] = []
        while isinstance(node, ast.Attribute):
            tail.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name) and node.id in self.meanings:
            return ".".join([self.meanings[node.id], *reversed(tail)])
        return ""

    def absolute(self, node: ast.ImportFrom) -> str:
        """Will return the module a `from` statement names, relative ones resolved."""
        if not node.level:
            return node.module or ""
        parts = self.package.split(".")
        base = parts[: len(parts) - node.level + 1]
        return ".".join([*base, node.module] if node.module else base)

    def finding(self, at: ast.AST | int, message: str) -> Finding:
        """Will report something at a node or line of this file."""
        return Finding(self.path, at if isinstance(at, int) else getattr(at, "lineno", 1), message)

    def comment_above(self, line: int) -> str:
        """Will return the text of the comment in the line directly above, or nothing."""
        above = self.text.splitlines()[line - 2].strip() if line > 1 else ""
        return above.lstrip("#").strip() if above.startswith("#") else ""


class Tree:
    """A checkout as the checks see it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Paths of all files that could hold code, relative and sorted."""
        found = []
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(name for name in folders if name not in SKIPPED and not name.startswith("."))
            base = Path(folder).relative_to(self.root)
            found += [(base / name).as_posix() for name in names if not name.startswith(".")]
        return tuple(sorted(found))

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """All Python files, parsed."""
        return tuple(Source(path, self.text(path)) for path in self.files if path.endswith(".py"))

    @cached_property
    def modules(self) -> frozenset[str]:
        """All dotted modules and packages of the checkout."""
        return frozenset(source.module for source in self.sources)

    @cached_property
    def rooms(self) -> tuple[str, ...]:
        """The rooms that are built, from the ground up."""
        return tuple(room for room in house.ROOMS if any(path.startswith(f"{room}/") for path in self.files))

    def text(self, path: str) -> str:
        """Will return a file's text."""
        return (self.root / path).read_text(encoding="utf-8")

    def within(self, *parts: str) -> Iterator[Source]:
        """Will yield the Python files, without migrations, that stand in the given parts of the house."""
        for source in self.sources:
            if source.place and source.place.part in parts and "/migrations/" not in source.path:
                yield source

    def drawer(self, *drawers: str) -> Iterator[Source]:
        """Will yield the Python files of the given drawers of all rooms."""
        for source in self.within("room"):
            if source.place and source.place.drawer in drawers:
                yield source

    def imports(self, source: Source) -> Iterator[Import]:
        """Will yield what a file imports anywhere in it, `from package import module` counted as that module."""
        for node in source.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(node.lineno, alias.name)
            elif isinstance(node, ast.ImportFrom):
                base = source.absolute(node)
                foreign = house.place_of(base) is None
                for alias in node.names:
                    whole = f"{base}.{alias.name}"
                    known = foreign or base in house.ROOMS or whole in self.modules
                    yield Import(node.lineno, whole if known else base)
            elif isinstance(node, ast.Call):
                yield from self._imports_by_name(source, node)

    def _imports_by_name(self, source: Source, call: ast.Call) -> Iterator[Import]:
        texts = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        asked = source.dotted(call.func)
        if asked == "importlib.import_module" and texts:
            yield Import(call.lineno, texts[0])
        elif asked == "django.apps.apps.get_model" and texts:
            yield Import(call.lineno, f"{texts[0].partition('.')[0]}.models")


def name_of(node: ast.expr) -> str:
    """Will return the last name of a call's function, a decorator or a base class."""
    if isinstance(node, ast.Call):
        return name_of(node.func)
    if isinstance(node, ast.Subscript):
        return name_of(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Will return the value of a call's keyword argument, or None."""
    return next((k.value for k in call.keywords if k.arg == name), None)
