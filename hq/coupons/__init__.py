"""Coupons that people give out at HQ, look at, and take back."""
