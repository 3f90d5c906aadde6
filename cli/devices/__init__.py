"""``loyaltill devices``: what is plugged in, what is scanned, and new settings for a running till."""
