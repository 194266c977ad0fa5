"""The members' pages, one file a subject."""
