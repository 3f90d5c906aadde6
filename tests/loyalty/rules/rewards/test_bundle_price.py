"""Sets for a price: the dearest pieces first, and no set that would cost more."""

from loyalty.explain import Money, message
from tests.loyalty.rules.rewards.tills import at_work, faults, goods, off, quoted, reward, total
from tests.loyalty.shop import KZT


def three(price: str, keys: str = "", reward_id: str = "r") -> str:
    return reward("bundle_price", f'count = 3\nprice = "{price}"\n{keys}', reward_id)


def test_three_pieces_cost_so_much_together() -> None:
    one = at_work(three("20.00"), goods(1, 800, 4))
    assert (one.discount_minor, one.counted, one.free, one.times) == (400, ((1, 3_000),), (), 1)
    assert one.because[0] == message(
        "explain.bundle",
        pieces=3,
        price=Money(amount_minor=2_000, currency=KZT),
        times=1,
        discount=Money(amount_minor=400, currency=KZT),
    )


def test_the_dearest_pieces_make_the_first_set() -> None:
    # 10 + 9 + 9 for 20 saves 8; 5 + 5 + 1 would cost more than it does.
    assert total(three("20.00"), goods(1, 1_000), goods(2, 900, 2), goods(3, 500, 2), goods(4, 100)) == 2_000 + 1_100


def test_as_many_sets_as_there_are_or_as_the_reward_allows() -> None:
    assert total(three("20.00"), goods(1, 800, 7)) == 2 * 2_000 + 800
    assert total(three("20.00", "most_times = 1"), goods(1, 800, 7)) == 2_000 + 4 * 800


def test_what_a_set_saves_is_split_over_its_pieces() -> None:
    # 10.00, 6.00 and 4.00 for 15.00: a quarter comes off each.
    assert off(three("15.00"), 1_000, 600, 400) == (250, 150, 100)
    # 10.00, 10.00 and 6.00 save 11.00; 6.00, 4.00 and 4.00 cost less than 15.00.
    assert off(three("15.00"), goods(1, 1_000, 2), goods(2, 600, 2), goods(3, 400, 2)) == (846, 254, 0)


def test_pieces_of_a_set_are_in_no_other_and_cost_what_they_cost() -> None:
    # Of four at 8.00, three make a set for 20.00; the fourth is still 8.00, and half of it comes off.
    cheapest = reward("percent", 'percent = 50\ntake = "cheapest"\nmost_items = 5', "half")
    assert total(three("20.00") + cheapest, goods(1, 800, 4)) == 2_000 + 400
    # A percentage of everything touches the set too: 10% of 28.00, and then half of 7.20.
    ten = reward("percent", "percent = 10\npriority = -1", "ten")
    assert total(three("20.00", "priority = -2") + ten + cheapest, goods(1, 800, 4)) == 2_520 - 360


def test_a_set_may_cost_nothing() -> None:
    assert total(three("0"), goods(1, 800, 3)) == 0


def test_what_is_missing_is_said() -> None:
    [missed] = quoted(three("20.00"), goods(1, 800, 2)).missed
    assert (missed.message.id, missed.near) == ("explain.missing_items", 666)
    assert [one.message.id for one in quoted(three("20.00"), goods(1, 600, 3)).missed] == [
        "explain.missing_nothing_left"
    ]


def test_every_wrong_key_is_a_problem() -> None:
    assert faults(reward("bundle_price", 'price = "1.00"')) == ["reward[1].count: is missing; expected a whole number"]
    assert faults(reward("bundle_price", "count = 0\nprice = 5")) == [
        "reward[1].count: expected a whole number from 1 to 1000000"
    ]
    assert faults(three("-1")) == ["reward[1].price: must not be negative"]
