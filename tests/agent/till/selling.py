"""A process that sells as fast as it can and says each answer; made to be killed."""

from __future__ import annotations

import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from agent.till.requests import CommitRequest
from loyalty.quote import RedeemRequest
from tests.agent.till.world import basket, goods, line, open_till, sale


def say(*words: str) -> None:
    """Write one line at once."""
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


def spend(folder: str, first: int, last: int) -> None:
    """Quote and sell ``first`` to ``last``, each with ten points off, as far as the member has them."""
    with open_till(Path(folder)) as till:
        say("open")
        for number in range(first, last):
            wish = (RedeemRequest(reward="off", units=10),)
            request = basket(line(1, 15_000 + number), card=f"2100{number % 3:09d}", redeem=wish)
            name = till.quote(request).get("quote")
            if name is None:
                request = replace(request, redeem=())
            sold = till.commit(CommitRequest(key=f"s{number}", check_id=f"c{number}", sale=request, quote=name))
            say(f"s{number}", sha256(sold.body).hexdigest())
        say("done")


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
    (spend if "spend" in sys.argv[4:] else main)(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
