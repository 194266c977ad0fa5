"""Fixtures of the launcher's tests: state folders that PostgreSQL's user can reach, and a product that runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from launcher import throwaway
from launcher.places import state_folder
from tests.setup.product import Product


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    """The product, not started; stopped when the module's tests are through."""
    with throwaway.folder(state_folder()) as state:
        product = Product(state)
        yield product
        product.launcher("down")


@pytest.fixture(scope="module")
def running(product: Product) -> Product:
    """The product, up and ready."""
    product.start()
    return product
