"""Correcting an account by hand."""
