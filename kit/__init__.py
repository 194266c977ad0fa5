"""Kit: tools that know nobody."""
