"""Leases when things go wrong: disks put back, tills that stay dark, an HQ that forgot, lots that end meanwhile."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from agent.book.book import FILE
from agent.sync_worker import synchronise
from agent.till.till import Till
from hq.attention.parking import ExceptionReason
from hq.book.schema import exception
from hq.config import DurableRule, HqConfig
from hq.leases.shortfalls import ShortfallReason, losses
from hq.leases.tables import counting
from hq.leases.writing_off import WritingOff
from hq.server import open_hq
from loyalty.quote import RedeemRequest
from sync.protocol import leases as lease_messages
from sync.protocol.errors import LinkDown
from sync.protocol.leases import MAX_TOLD
from sync.protocol.values import Acknowledged, Batch
from tests.cli.together.chains import CLUB, FLOORS, OTHER, Chain, Make
from tests.cli.together.direct import DirectLink

OFF = RedeemRequest(reward="off", units=100)
ENDING = CLUB + (
    '[[unit]]\nid = "points"\nexpires = "P10D"\n'
    '[[reward]]\nkind = "points_discount"\nid = "off"\ncost = 100\ndiscount = "1.00"\noffline = "cap"\n'
)


def lost(chain: Chain) -> list[tuple[str, str, int]]:
    """Give what was lost, of which a person hears."""
    said = select(exception.c.note).where(exception.c.reason == ExceptionReason.OVERSPENT.value)
    with chain.hq.book.read() as connection:
        notes = connection.execute(said).scalars().all()
        found = losses(connection)
    told = [part.partition(": ") for note in notes for part in note.split("; ")]
    assert {reason for reason, _, _ in told} == {reason for _, reason, _ in found}
    assert sum(int(rest.split()[0]) for _, _, rest in told) == sum(amount for _, _, amount in found)
    return found


def test_units_in_flight_are_granted_to_nobody(make: Make) -> None:
    chain = make()
    chain.talk()
    chain.cut(0)
    chain.buy(0, "100.00")
    chain.spend(0, 100)
    chain.cut(0, on=False)
    link = chain.links[0]

    class Halves(DirectLink):
        """A way that takes one entry of each batch, as a line that breaks between two does."""

        sent = 0

        def upload(self, batch: Batch) -> Acknowledged:
            self.sent += 1
            if self.sent > 2:
                raise LinkDown("broken")
            return super().upload(batch)

    halves = Halves(chain.hq, link.token)
    hello = halves.hello

    def small(said: object) -> object:

        return replace(hello(said), max_batch_entries=1)  # type: ignore[arg-type]

    halves.hello = small  # type: ignore[method-assign, assignment]
    synchronise(chain.tills[0].context, halves)
    assert chain.balance() == 100  # the enrolment and the sale are posted, the redemption is on its way
    assert chain.hold(1, chain.sale(redeem=(OFF,)))["refused"] in {"insufficient_units", "card_unknown"}
    chain.talk(1)
    assert chain.hold(1, chain.sale(redeem=(OFF,)))["refused"] == "lease_required"
    chain.talk(0, 1)
    assert (chain.balance(), lost(chain)) == (99, [])


def test_a_lot_that_ends_while_its_units_were_redeemed_is_given_back(make: Make) -> None:
    chain = make(ENDING)
    chain.buy(0, "100.00")
    chain.talk(0, 1)
    chain.cut(0)
    chain.later(days=5)
    assert "refused" not in chain.spend(0, 100)
    chain.later(days=20)
    chain.hq.jobs.run()
    assert chain.balance() == 100  # what is leased does not end
    chain.cut(0, on=False)
    chain.talk(0)
    chain.hq.jobs.run()
    assert (chain.balance(), lost(chain)) == (0, [])  # the sale earned 99, and they are over by now


def test_units_of_many_hundred_days_pay_together(make: Make) -> None:
    chain = make(ENDING.replace("P10D", "P2Y"))
    chain.talk()
    for _ in range(400):
        chain.buy(0, "1.00")
        chain.later(days=1)
    chain.talk(0, 1, 0, 1)
    assert (chain.balance(), chain.leased()) == (400, [("open", 100, 0)])  # the first till's
    sale = chain.sale(redeem=(RedeemRequest(reward="off", units=300),))
    assert chain.commit(1, sale, hold=chain.hold(1, sale)["hold"])["redemptions"][0]["units"] == 300
    chain.talk(1)
    assert (chain.balance(), lost(chain)) == (400 - 300 + 97, [])


def test_what_was_earned_and_spent_offline_before_its_end_is_not_taken_twice(make: Make) -> None:
    chain = make(ENDING)
    chain.buy(0, "100.00")
    chain.talk(0)
    chain.cut(0)
    chain.buy(0, "300.00")
    chain.later(days=5)
    assert "refused" not in chain.spend(0, 300)
    chain.later(days=8)
    chain.hq.jobs.run()
    chain.cut(0, on=False)
    chain.talk(0)
    assert lost(chain) == []
    assert chain.balance() >= 0


def test_a_disk_that_was_put_back_spends_no_more_than_was_on_it_and_is_found_out(make: Make, tmp_path: Path) -> None:
    chain = make()
    chain.buy(0, "100.00")
    chain.talk(0, 1)
    till = chain.tills[0]
    config, keys = till.context.config, till.context.keys
    till.close()
    image = tmp_path / "image.db"
    shutil.copyfile(config.data_dir / FILE, image)
    (config.data_dir / "till.head").unlink(missing_ok=True)

    def opened() -> Till:
        return chain.stack.enter_context(Till(config, keys=keys, clock=chain.clock, mint=till.context.mint))

    chain.tills[0] = opened()
    assert "refused" not in chain.spend(0, 100, "1.00")
    chain.talk(0)
    chain.tills[0].close()
    shutil.copyfile(image, config.data_dir / FILE)
    (config.data_dir / "till.head").unlink(missing_ok=True)
    chain.tills[0] = opened()
    assert "refused" not in chain.spend(0, 100, "1.00")  # nobody can know yet
    chain.talk(0)
    assert lost(chain) == [("points", "fork", 100)]
    assert chain.spend(0, 100)["refused"] in {"lease_required", "insufficient_units"}


def test_what_a_dark_till_holds_is_written_off_by_policy_and_the_loss_is_no_more(make: Make) -> None:
    chain = make()
    chain.buy(0, "100.00")
    chain.talk(0, 1)
    chain.cut(0)
    assert "refused" not in chain.spend(0, 100, "1.00")
    chain.later(days=70)
    patient = WritingOff(book=chain.hq.book, clock=chain.clock, after_days=None)
    assert patient.due(chain.now) == (0, 0)
    policy = WritingOff(book=chain.hq.book, clock=chain.clock, after_days=60)
    assert policy.due(chain.now) == (1, 1)
    chain.talk(1)
    assert "refused" not in chain.commit(
        1, chain.sale(redeem=(OFF,)), hold=chain.hold(1, chain.sale(redeem=(OFF,)))["hold"]
    )
    chain.talk(1)
    chain.cut(0, on=False)
    chain.talk(0)
    assert lost(chain) == [("points", ShortfallReason.LATE.value, 1)]


def test_an_old_copy_of_a_disk_pays_with_nothing_that_was_set_aside_on_it(make: Make, tmp_path: Path) -> None:
    chain = make()
    chain.buy(0, "100.00")
    chain.talk(0, 1)
    sale = chain.sale("2.00", redeem=(OFF,))
    hold = chain.hold(0, sale)["hold"]
    till = chain.tills[0]
    config, keys = till.context.config, till.context.keys
    till.close()
    image = tmp_path / "image.db"
    shutil.copyfile(config.data_dir / FILE, image)

    def opened() -> Till:
        return chain.stack.enter_context(Till(config, keys=keys, clock=chain.clock, mint=till.context.mint))

    chain.tills[0] = opened()
    assert "refused" not in chain.commit(0, sale, hold=hold)
    chain.tills[0].close()
    shutil.copyfile(image, config.data_dir / FILE)  # what witnesses its head stays beside it
    chain.tills[0] = opened()
    assert "refused" in chain.commit(0, sale, hold=hold)
    chain.talk()
    assert lost(chain) == []


def test_with_hq_in_reach_a_hold_is_not_bound_by_the_floor_limits_and_uses_none_of_them(make: Make) -> None:
    chain = make(FLOORS)
    chain.buy(1, "1000.00")
    chain.talk()
    large = chain.sale(redeem=(RedeemRequest(reward="off", units=600),))
    assert chain.commit(0, large)["refused"] == "lease_required"  # who did not hold asks nobody
    assert "refused" not in chain.commit(0, large, hold=chain.hold(0, large)["hold"])
    chain.talk()
    chain.cut(0, 1)
    assert "refused" not in chain.spend(0, 200)  # the whole of what one sale may give without HQ
    chain.cut(0, 1, on=False)
    chain.talk()
    assert (lost(chain), chain.balance()) == ([], 1000 - 600 + 94 - 200 + 98)


@pytest.mark.parametrize("more", [False, True])
def test_a_hold_on_units_that_a_void_takes_back_ends_unless_there_are_others(make: Make, *, more: bool) -> None:
    chain = make(ENDING)
    chain.talk(0)
    chain.cut(0, 1)
    entry = chain.buy(0, "100.00")["entry"]
    if more:
        chain.buy(0, "100.00")
    basket = chain.sale(redeem=(OFF,))
    hold = chain.hold(0, basket)["hold"]
    chain.void(0, entry)
    assert chain.commit(0, basket, hold=hold).get("refused") == (None if more else "hold_unknown")
    assert chain.commit(0, basket).get("refused") == "insufficient_units"
    chain.cut(0, 1, on=False)
    chain.talk()
    assert lost(chain) == []


def test_a_hold_on_units_that_only_its_till_knew_of_ends_as_they_leave_it(make: Make) -> None:
    chain = make(ENDING)
    chain.buy(0, "100.00")
    chain.talk(0)  # enrolled, and known at both
    chain.talk(1)
    chain.cut(0)
    chain.buy(0, "100.00")
    basket, other = chain.sale(redeem=(RedeemRequest(reward="off", units=200),)), chain.sale(redeem=(OFF,))
    hold = chain.hold(0, basket)["hold"]  # half of it under the lease of the first hundred
    assert "refused" not in chain.commit(0, chain.sale("1.00"))  # nothing that is sold meanwhile ends it
    chain.cut(0, on=False)
    chain.talk(0)
    assert chain.commit(0, basket, hold=hold).get("refused") == "hold_unknown"
    held = chain.hold(1, other)
    paid = chain.commit(1, other, hold=held["hold"]) if "hold" in held else held
    chain.talk(0)
    chain.commit(0, basket)
    chain.talk()
    assert lost(chain) == []
    assert chain.balance() >= 0
    assert "refused" not in paid


def test_a_hold_of_a_till_that_never_heard_of_hq_ends_with_its_first_word(make: Make) -> None:
    chain = make()
    chain.cut(0)
    chain.buy(0, "100.00")
    basket = chain.sale(redeem=(OFF,))
    hold = chain.hold(0, basket)["hold"]
    chain.cut(0, on=False)
    chain.talk(0, 1)
    assert chain.commit(0, basket, hold=hold).get("refused") == "hold_unknown"
    chain.hold(1, basket)  # the first till has a lease by now, and HQ recalls it
    chain.talk(0)
    held = chain.hold(1, basket)
    assert "refused" not in chain.commit(1, basket, hold=held["hold"])
    chain.talk()
    assert (lost(chain), chain.balance()) == ([], 99)


def test_a_hold_beyond_rights_outlives_a_void_of_other_units(make: Make) -> None:
    chain = make(FLOORS)
    chain.buy(1, "1000.00")
    chain.talk()
    chain.cut(0, 1)
    small = chain.buy(0, "1.00")["entry"]
    basket = chain.sale(redeem=(RedeemRequest(reward="off", units=200),))
    hold = chain.hold(0, basket)["hold"]
    chain.void(0, small)
    assert "refused" not in chain.commit(0, basket, hold=hold)


def test_a_hold_that_nobody_pays_or_releases_frees_its_lease(make: Make) -> None:
    chain = make()
    chain.buy(0, "100.00")
    chain.talk(0, 1, 0)
    assert "hold" in chain.hold(0, chain.sale(redeem=(OFF,)))
    chain.later(minutes=16)
    other = chain.sale(redeem=(OFF,))
    chain.hold(1, other)  # HQ recalls what the first till holds
    chain.talk(0)
    assert "refused" not in chain.commit(1, other, hold=chain.hold(1, other)["hold"])


@pytest.mark.parametrize("at_once", [MAX_TOLD, 1])
def test_an_hq_that_forgot_its_grants_grants_nothing_until_every_till_has_spoken(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(lease_messages, "MAX_TOLD", at_once)
    chain = make()
    chain.buy(0, "100.00")
    chain.buy(0, "100.00", OTHER)
    folder = chain.hq.config.data_dir
    chain.talk(1)
    backup = tmp_path / "backup"
    with chain.hq.book.write():
        shutil.copytree(folder, backup)
    chain.talk(0, 1)
    assert chain.leased() == [("open", 100, 0)]
    chain.hq.close()
    shutil.rmtree(folder)
    shutil.copytree(backup, folder)
    config = HqConfig(data_dir=folder, port=0, durable=DurableRule.COMMIT)
    chain.hq = chain.stack.enter_context(
        open_hq(config, clock=chain.clock, randomness=chain.chance.randbytes, restored=True)
    )
    for link in chain.links:
        link.hq = chain.hq
    assert chain.tills[0].context.book.head.sequence == 4
    chain.talk(1)
    assert chain.hold(1, chain.sale(redeem=(OFF,)))["refused"] in {"lease_required", "insufficient_units"}
    chain.talk(0)
    assert (
        chain.leased() == chain.leased(card=OTHER) == [("open", 100, 0)]
    )  # taken in again from the till that holds it
    chain.talk(1)
    assert chain.hold(1, chain.sale(redeem=(OFF,)))["refused"] == "lease_required"
    chain.talk(0)
    assert "refused" not in chain.hold(1, chain.sale(redeem=(OFF,)))


@pytest.mark.parametrize("owed", [False, True])
def test_what_was_given_beyond_rights_is_a_loss_whether_its_member_ever_owed_something_or_not(
    make: Make, *, owed: bool
) -> None:
    chain = make(FLOORS.replace("2.00", "9.00").replace("3.00", "30.00").replace("4.00", "90.00"))
    chain.talk()
    sold = chain.buy(0, "500.00")
    chain.talk()
    if owed:
        chain.spend(0, 400, "4.00")
        chain.talk()
        chain.bring_back(0, sold["entry"])
        chain.talk()
        assert chain.balance() < 0
    chain.buy(0, "900.00")
    chain.talk()
    chain.buy(0, "900.00")
    for _ in range(3):
        chain.talk()
    chain.cut(1)
    while (more := min(900, (chain.balance() - 100) // 100 * 100)) > 0:
        assert "refused" not in chain.spend(0, more, f"{more // 100}.00")
        chain.talk(0, 0)
    assert chain.balance() == 100  # leased to till 1
    chain.buy(1, "300.00")
    for units in (300, 100, 300):
        assert "refused" not in chain.spend(1, units, f"{units // 100}.00")
    chain.cut(1, on=False)
    chain.talk(1, 1)
    assert chain.balance() == -300
    assert lost(chain) == [("points", "unleased", 400)]  # 300 of its own, and 400 beyond rights beside its lease


def test_a_held_sale_is_paid_though_its_lease_was_written_off(make: Make) -> None:
    chain = make()
    chain.buy(0, "500.00")
    for _ in range(2):
        chain.talk()
    sale = chain.sale("5.00", redeem=(OFF,))
    hold = chain.hold(0, sale)["hold"]
    with chain.hq.book.read() as connection:
        held = [kept.lease.lease_id for pool in counting(connection, [chain.member()]).values() for kept in pool]
    assert len(chain.hq.leases.by_hand(held)) == 1
    chain.talk()
    assert "refused" not in chain.commit(0, sale, hold=hold)


def test_what_was_spent_before_a_restore_is_waited_for_and_granted_to_nobody(make: Make, tmp_path: Path) -> None:
    chain = make()
    chain.buy(0, "1.00")
    chain.buy(1, "100.00")
    chain.talk(1)
    backup = tmp_path / "backup"
    with chain.hq.book.write():
        shutil.copytree(chain.hq.config.data_dir, backup)
    chain.talk(1, 1)
    sale = chain.sale("2.00", redeem=(OFF,))
    assert "refused" not in chain.commit(1, sale)
    chain.hq.close()
    (backup / "hq.told").unlink()
    shutil.rmtree(chain.hq.config.data_dir)
    shutil.copytree(backup, chain.hq.config.data_dir)
    chain.hq = chain.stack.enter_context(open_hq(chain.hq.config, clock=chain.clock, randomness=chain.chance.randbytes))
    for link in chain.links:
        link.hq = chain.hq

    class Breaks(DirectLink):
        def upload(self, batch: Batch) -> Acknowledged:
            raise LinkDown("the line breaks")

    breaks = Breaks(**{name: getattr(chain.links[1], name) for name in chain.links[1].__dataclass_fields__})
    synchronise(chain.tills[1].context, breaks)
    chain.talk(0)
    assert chain.hq.leases.unheard() == ["till-1"]
    held = chain.hold(0, sale)
    assert "refused" in chain.commit(0, sale, hold=held.get("hold"))
    chain.talk(1, 0, 1, 0)
    assert (chain.hq.leases.unheard(), lost(chain)) == ([], [])
