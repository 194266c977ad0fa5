"""The house rules as tests: what DESIGN calls rooms, drawers, doors and flows, and what each must leave alone.

`house.py` is the one list of rooms and drawers. `tree.py` reads the files once. The other modules hold the checks:
functions from a Tree to findings, so that each runs over the real checkout (test_house.py) and over a small bad one
that proves it can refuse (test_refusals.py).
"""
