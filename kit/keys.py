"""Kit's source keys: the names of what caused something, the same in every room. Pure."""


def source_key(*parts: object) -> str:
    """Will join parts to a source key; a colon inside a part is written %3A, so that keys stay unambiguous."""
    return ":".join(str(part).replace("%", "%25").replace(":", "%3A") for part in parts)


def order_key(source: str, order_id: str) -> str:
    """Will return order:<source>:<id>; the keys of its lines and refunds begin with it and a colon."""
    return source_key("order", source, order_id)


def event_key(source: str, event_id: str) -> str:
    """Will return event:<source>:<id>."""
    return source_key("event", source, event_id)


def parts_of(key: str) -> list[str]:
    """Will take a source key apart again: the parts that source_key joined."""
    return [part.replace("%3A", ":").replace("%25", "%") for part in key.split(":")]
