"""The source keys of what campaigns cause: messages, points, coupons, tiers. Pure."""


def run_key(campaign_id: int, occasion: str) -> str:
    """Will return campaign:<id>:<launch>, under which a launch gives and sends."""
    return f"campaign:{campaign_id}:{occasion.replace(':', '%3A')}"


def recipient_key(campaign_id: int, launch: str, occasion: str) -> str:
    """Will return the key of what one recipient of a launch is given and sent: the launch's, a colon, his occasion."""
    return f"{run_key(campaign_id, launch)}:{occasion}"
