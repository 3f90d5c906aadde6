"""What must hold once nothing is on its way any more."""

from __future__ import annotations

from agent.book.members import all_balances
from tests.cli.together.chains import Chain


def at_rest(chain: Chain) -> None:
    """Let all tills talk until nothing is left, and compare every balance with HQ's, and those with the ledger."""
    for _ in range(3):
        chain.talk()
    with chain.hq.book.read() as connection:
        balances = {
            (bytes(account), unit): amount
            for account, unit, amount in connection.exec_driver_sql("SELECT account_id, unit, amount FROM balance")
        }
        ledger = {
            (bytes(account), unit): amount
            for account, unit, amount in connection.exec_driver_sql(
                "SELECT account_id, unit, sum(amount) FROM ledger GROUP BY account_id, unit"
            )
        }
    assert ledger == balances
    for till in chain.tills:
        with till.context.book.read() as connection:
            shown = {(account, unit): amount for account, unit, amount in all_balances(connection) if amount}
        assert shown == {key: amount for key, amount in balances.items() if amount}


def exceptions(chain: Chain) -> list[str]:
    with chain.hq.book.read() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT reason FROM exception")]
