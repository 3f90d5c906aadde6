"""Printer profiles: what each model is known to understand."""
