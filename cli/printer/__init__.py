"""``loyaltill printer``: what is plugged in, a test, and the profile of a printer that nobody knows."""
