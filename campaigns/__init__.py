"""Campaigns: whom to address, with what, and whether it helped."""
