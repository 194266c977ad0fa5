"""The torture of the whole product: live traffic while its parts are killed, and the proof that nothing was lost.

`make torture` runs it; `tests/setup/test_torture.py` runs a short form. The parts: `stage` holds the processes and does
them harm, `shop` is a client that insists, `proof` looks at what is left, `replay` does it all again in peace.
"""
