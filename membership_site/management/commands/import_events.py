"""manage.py import_events: events from a file."""

from membership_site.management.importing import ImportCommand


class Command(ImportCommand):
    """Imports a file of events."""

    help = "Imports events from a CSV file by the same rules as live; a repeat changes nothing."
    kind = "events"
