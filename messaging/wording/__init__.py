"""Messaging's wording: codes and facts in, sentences in the reader's language out."""
