"""manage.py import_members: members from a file."""

from membership_site.management.importing import ImportCommand


class Command(ImportCommand):
    """Imports a file of members."""

    help = "Imports members from a CSV file by the same rules as live; a repeat changes nothing."
    kind = "members"
