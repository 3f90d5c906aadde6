"""What the auditor finds."""


class Violation(Exception):
    """Something that must hold does not.

    Attributes:
        rule: Which rule, as docs/SIMULATION.md names it.
    """

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(f"{rule}: {detail}")
        self.rule = rule


def demand(holds: object, rule: str, detail: str) -> None:
    """Raise a `Violation` where something does not hold."""
    if not holds:
        raise Violation(rule, detail)
