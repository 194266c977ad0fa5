"""Starts and stops everything on one machine: the servers, the product and its tests; knows nothing of the rooms."""
