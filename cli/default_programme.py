"""The programme that counts where nobody chose one: the shipped default, in the currency of the receipts."""

from agent.config.read import read_text
from cli.shipped import shipped_programme
from loyalty.numbers.currency import Currency
from loyalty.numbers.limits import require
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme
from loyalty.rules.earning.per_amount import PerAmount

_NAME = "default.toml"
_CODE, _SCALE = 'code = "GBP"', "scale = 2"


def default_programme(currency: Currency) -> str:
    """Give the text of the default programme, 1 point per 1.00 of goods floored per sale, in a currency.

    Raises:
        CommandFailed: this installation lacks the file.
        BadFile: somebody spoilt it.
    """
    text = read_text(shipped_programme(_NAME))
    for line, wanted in ((_CODE, f'code = "{currency.code}"'), (_SCALE, f"scale = {currency.scale}")):
        require(text.count(f"\n{line}\n") == 1, f"{_NAME} has the line {line} once")
        text = text.replace(f"\n{line}\n", f"\n{wanted}\n")
    _check(read_programme(text, _NAME), currency)
    return text


def _check(programme: Programme, currency: Currency) -> None:
    """A file that was changed and now says something else must not count by surprise."""
    [rule] = programme.earn_rules
    require(programme.currency == currency, f"{_NAME} reads back in {currency.code}")
    by_one = isinstance(rule, PerAmount) and (rule.units, rule.per_minor) == (1, 10**currency.scale)
    require(by_one, f"{_NAME} gives 1 point per 1.00")
