"""Kit's tables: the operation by which migrations make many tables with one look at how their models are related."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import CreateModel
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState


class CreateModels(Operation):
    """Makes models as CreateModel does, one after the other.

    Each CreateModel by itself lets Django draw the classes of all models anew that its own is related to, which of a
    room's tables takes longer than making them; here all are drawn once, when the first of them is asked for.
    """

    category = OperationCategory.ADDITION

    def __init__(self, models: list[CreateModel]) -> None:
        self.models = models

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Will add the models to a state whose classes are not drawn, and are when they are asked for."""
        state.__dict__.pop("apps", None)
        for model in self.models:
            model.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Will make the tables."""
        for model in self.models:
            model.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Will drop the tables, the last first."""
        for model in reversed(self.models):
            model.database_backwards(app_label, schema_editor, from_state, to_state)

    def references_model(self, name: str, app_label: str) -> bool:
        """Will say whether a model is made here or a model made here is related to it."""
        return any(model.references_model(name, app_label) for model in self.models)

    def describe(self) -> str:
        """Will say what it does."""
        return f"Create {len(self.models)} models"


def at_once(*operations: Operation) -> list[Operation]:
    """Will return the operations of a migration, those that make models one after the other put together."""
    return list(_joined(operations))


def _joined(operations: tuple[Operation, ...]) -> Iterator[Operation]:
    for makes_model, some in groupby(operations, key=lambda one: isinstance(one, CreateModel)):
        group: list[Any] = list(some)
        yield from [CreateModels(group)] if makes_model else group
