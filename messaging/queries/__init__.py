"""What others may ask of messaging."""

from messaging.queries.contents import contents_of, topic_of

__all__ = ["contents_of", "topic_of"]
