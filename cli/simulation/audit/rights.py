"""What was spent of what there was: how far accounts are below zero.

Without leases two tills that cannot reach HQ may each spend the same units. HQ posts what receipts promised, so it shows
as an account below zero; the auditor measures it, and it is a fault only where a right was needed to spend.
"""

from cli.simulation.audit.headquarters import HqPicture


def overspent(picture: HqPicture) -> int:
    """Give by how much accounts are below zero, in smallest steps of all their units together."""
    return -sum(amount for amount in picture.balances.values() if amount < 0)
