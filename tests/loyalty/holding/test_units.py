"""Units and the hidden ones for remainders; comparing all balances of two books."""

from hashlib import sha256

from loyalty.explain import Units
from loyalty.holding.balances import balances_digest
from loyalty.holding.units import Unit, is_hidden, remainder_unit


def test_a_unit_writes_its_amounts_with_its_scale() -> None:
    assert Unit(id="stars", scale=1).amount(45) == Units(amount=45, scale=1, names=None)


def test_a_remainder_is_kept_under_a_hidden_unit_that_names_rule_and_denominator() -> None:
    hidden = remainder_unit("points", "earn", 100)
    assert hidden == "points.remainder.earn.100"
    assert [is_hidden(unit) for unit in (hidden, "points", "remainder")] == [True, False, False]


def test_the_digest_of_balances_is_over_what_is_not_zero() -> None:
    one, two = b"\x01" * 16, b"\x02" * 16
    digest = sha256(one + b"points\x005\n" + two + b"points\x00-3\n").digest()
    assert balances_digest([(one, "points", 5), (one, "stars", 0), (two, "points", -3)]) == digest
    assert balances_digest([]) == sha256(b"").digest()
