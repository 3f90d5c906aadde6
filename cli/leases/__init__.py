"""``loyaltill hq leases``: what tills may give without asking, called back or written off by hand."""
