"""The programme of a replay: the one given, or the stated default in the currency of the receipts."""

from loyalty.numbers.currency import Currency
from loyalty.numbers.scaled import format_scaled

DEFAULT = """\
# 1 point per 1.00 of goods, rounded down per sale. What is not goods (postage, fees, vouchers) earns nothing.
[programme]
id = "points-per-amount"
label = "default"
names.en = "Points"

[currency]
code = "{code}"
scale = {scale}

[[unit]]
id = "points"
scale = 0

[[category]]
id = "not-goods"
names.en = "postage, fees and vouchers"
names.kk = "жеткізу, алымдар мен ваучерлер"
names.az = "çatdırılma, rüsumlar və kuponlar"
names.ru = "доставка, сборы и ваучеры"
names.hy = "առաքում, վճարներ և կտրոններ"

[[rule]]
id = "goods"
kind = "per_amount"
unit = "points"
units = "1"
per = "{one}"
rounding = "floor"
tax = "included"
exclude_categories = ["not-goods"]
"""


def default_programme(currency: Currency) -> str:
    """Write the default programme, 1 point per 1.00 of goods floored per sale, in a currency."""
    one = format_scaled(10**currency.scale, currency.scale)
    return DEFAULT.format(code=currency.code, scale=currency.scale, one=one)
