"""What a change of a programme changes: in its file, and for baskets at its edges."""

from loyalty.authoring.difference.changes import Change, changes
from loyalty.authoring.difference.effects import Effect, Outcome, effects
from loyalty.authoring.difference.probes import Probe, probes

__all__ = ["Change", "Effect", "Outcome", "Probe", "changes", "effects", "probes"]
