"""The kinds of benefits: small look-alike rooms, one a kind; adding one is copying a neighbour."""
