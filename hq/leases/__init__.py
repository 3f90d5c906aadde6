"""Rights to redeem without HQ: what HQ grants, freezes and closes."""
