"""The members' door: their pages, phone first."""
