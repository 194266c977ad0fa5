"""manage.py import_refunds: refunds from a file."""

from membership_site.management.importing import ImportCommand


class Command(ImportCommand):
    """Imports a file of refunds."""

    help = "Imports refunds from a CSV file by the same rules as live; a repeat changes nothing."
    kind = "refunds"
