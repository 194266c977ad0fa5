"""The migration that takes a new database all the way at once ends where the many before it do."""

import pytest
from django.db.migrations import CreateModel, RunSQL
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState

from kit.tables import CreateModels


def told(model: ModelState) -> tuple[object, ...]:
    """A model as one can compare it: fields by name, constraints and indexes in any order."""
    fields = {name: field.deconstruct()[1:] for name, field in model.fields.items()}
    options = dict(model.options)
    kept = {kind: {repr(one.deconstruct()) for one in options.pop(kind, ())} for kind in ("constraints", "indexes")}
    return repr(sorted(fields.items())), kept, {name: value for name, value in options.items() if value}, model.bases


def statements(operations: list[object]) -> list[object]:
    """The SQL that migrations run, but for what brings a column of an old table over."""
    return [one.sql for one in operations if isinstance(one, RunSQL) and not one.state_operations]


ROOMS = ("members", "orders", "points", "tiers", "benefits", "messaging", "campaigns")


@pytest.fixture(scope="module")
def loader():
    return MigrationLoader(None, replace_migrations=False)


@pytest.mark.parametrize("room", ROOMS)
def test_at_once_or_one_by_one(loader, room):
    [at_once] = [one for (app, _), one in loader.disk_migrations.items() if app == room and one.replaces]
    old = [loader.disk_migrations[key] for key in at_once.replaces]
    state = loader.project_state([at_once.replaces[-1]])
    many = {key: state.models.pop(key) for key in [key for key in state.models if key[0] == room]}
    one = {key: model for key, model in at_once.mutate_state(state).models.items() if key[0] == room}
    assert many and {key: told(model) for key, model in one.items()} == {key: told(m) for key, m in many.items()}
    assert statements(at_once.operations) == statements([step for some in old for step in some.operations])
    [made] = [step for step in at_once.operations if isinstance(step, CreateModels)]
    assert len(made.models) == len(many) and not any(isinstance(step, CreateModel) for step in at_once.operations)
