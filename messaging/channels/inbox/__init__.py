"""The channel inbox: messages that members read on our own pages."""
