"""Tools that maintainers run by hand; the product needs none of them."""
