"""Benefits: what a tier or points give - entitlements, coupons, rewards - and the checkout that applies them."""
