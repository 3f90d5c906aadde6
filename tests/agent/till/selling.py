"""A process that sells as fast as it can and says each answer; made to be killed."""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path

from tests.agent.till.world import goods, line, open_till, sale


def say(*words: str) -> None:
    """Write one line at once."""
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


def main(folder: str, first: int, last: int) -> None:
    """Sell ``first`` to ``last``; every third sale comes back at once. Each answer is a line of standard output."""
    with open_till(Path(folder)) as till:
        say("open")
        for number in range(first, last):
            card = f"2100{number % 7:09d}"
            sold = till.commit(sale(f"s{number}", line(1, 10_000 + number), line(2, 4_000), card=card))
            say(f"s{number}", sha256(sold.body).hexdigest())
            if number % 3 == 0:
                back = till.return_goods(goods(f"r{number}", sold.values["entry"], (2, 1_000)))
                say(f"r{number}", sha256(back.body).hexdigest())
        say("done")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
