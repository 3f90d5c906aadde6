"""Scaled integers: money, units, quantities and rates. No float ever enters here."""
