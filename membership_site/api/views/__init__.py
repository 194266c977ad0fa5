"""The api's calls, one file a subject."""
