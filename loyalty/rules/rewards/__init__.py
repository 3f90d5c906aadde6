"""Kinds of rewards: what members get off a bill or into their hands, for units, by a code or for nothing."""
