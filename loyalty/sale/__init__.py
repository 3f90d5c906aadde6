"""A sale as rules see it: basket, bill, what is asked, how discounts are rounded."""
