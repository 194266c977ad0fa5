"""The channel webhook: a message as data to an address of the shop's."""
