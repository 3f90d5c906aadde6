"""``loyaltill hq stock``, ``limits`` and ``coupons``: what HQ has to give, and gives out by hand."""
