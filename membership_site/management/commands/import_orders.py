"""manage.py import_orders: orders from a file."""

from membership_site.management.importing import ImportCommand


class Command(ImportCommand):
    """Imports a file of orders."""

    help = "Imports orders from a CSV file by the same rules as live; a repeat changes nothing."
    kind = "orders"
