"""Ways from a till to HQ."""
