"""Messaging's outcomes in words: templates written out, the frame around them, what is wrong with them."""
