"""What happened in a run, as one running digest: two runs of one seed must have the same."""

import sys
from hashlib import sha256


class Trace:
    """Everything noted, in order. With ``aloud`` it is printed to standard error as well."""

    def __init__(self, *, aloud: bool = False) -> None:
        self._digest = sha256()
        self._aloud = aloud
        self.notes = 0

    def note(self, *facts: object) -> None:
        """Note some facts: texts, whole numbers and bytes, which say the same in every process."""
        line = " ".join(fact.hex() if isinstance(fact, bytes) else str(fact) for fact in facts)
        self._digest.update(line.encode() + b"\n")
        self.notes += 1
        if self._aloud:
            print(line, file=sys.stderr)

    def hexdigest(self) -> str:
        """Give the digest of what was noted so far."""
        return self._digest.hexdigest()
