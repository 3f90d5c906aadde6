"""Pairing and the tokens it gives, on every database."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from hq.book.schema import terminal
from hq.pairing.terminals import authenticate
from loyalty.journal.chain import terminal_id
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.values import PairRequest
from tests.hq.houses import House
from tests.hq.tills import FakeTill


def refused(house: House, request: PairRequest) -> SyncErrorCode:
    with pytest.raises(SyncRefused) as caught:
        house.hq.pairing.pair(request)
    return caught.value.code


def token_refused(house: House, token: str) -> SyncErrorCode:
    with pytest.raises(SyncRefused) as caught:
        authenticate(house.hq.book, token)
    return caught.value.code


def test_a_paired_till_is_known_by_its_token(any_house: House) -> None:
    till = FakeTill(any_house.chance)
    answer = any_house.hq.pairing.pair(till.pair_request(any_house.hq.make_pairing_code()))
    known = authenticate(any_house.hq.book, answer.token)
    assert (known.terminal_id, known.public_key, known.epoch) == (terminal_id(till.public_key), till.public_key, 1)
    assert (answer.merchant, answer.hq_epoch, len(answer.identifier_key)) == ("Dastarkhan", any_house.hq.hq_epoch, 32)


def test_a_code_may_be_typed_in_small_letters_with_the_usual_mistakes(house: House) -> None:
    code = house.hq.make_pairing_code()
    typed = " " + code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert house.hq.pairing.pair(FakeTill(house.chance).pair_request(typed)).token


def test_a_code_works_once(any_house: House) -> None:
    code = any_house.hq.make_pairing_code()
    any_house.hq.pairing.pair(FakeTill(any_house.chance).pair_request(code))
    request = FakeTill(any_house.chance).pair_request(code)
    assert refused(any_house, request) is SyncErrorCode.PAIRING_REFUSED


def test_a_code_dies_after_a_quarter_of_an_hour(any_house: House) -> None:
    code = any_house.hq.make_pairing_code()
    any_house.clock.pass_time(minutes=15)
    assert refused(any_house, FakeTill(any_house.chance).pair_request(code)) is SyncErrorCode.PAIRING_REFUSED


def test_wrong_tries_use_up_nobodys_code(any_house: House) -> None:
    code = any_house.hq.make_pairing_code()
    till = FakeTill(any_house.chance)
    for _ in range(20):
        assert refused(any_house, till.pair_request("00000-00000")) is SyncErrorCode.PAIRING_REFUSED
    assert any_house.hq.pairing.pair(till.pair_request(code)).token


def test_the_key_of_another_till_cannot_be_paired(house: House) -> None:
    code = house.hq.make_pairing_code()
    victim, thief = FakeTill(house.chance), FakeTill(house.chance)
    stolen = replace(thief.pair_request(code), public_key=victim.public_key)
    assert refused(house, stolen) is SyncErrorCode.PAIRING_REFUSED
    assert house.rows("SELECT * FROM terminal") == []


def test_a_proof_for_another_code_is_none(house: House) -> None:
    till = FakeTill(house.chance)
    old = till.pair_request(house.hq.make_pairing_code())
    assert refused(house, replace(old, code=house.hq.make_pairing_code())) is SyncErrorCode.PAIRING_REFUSED


def test_pairing_again_changes_the_token_and_keeps_the_journal(any_house: House) -> None:
    till = any_house.till()
    till.enrol("7001")
    any_house.take(till)
    old = any_house.tokens[till.id]
    request = till.pair_request(any_house.hq.make_pairing_code(), store="S2", name="Front")
    any_house.tokens[till.id] = any_house.hq.pairing.pair(request).token
    assert token_refused(any_house, old) is SyncErrorCode.UNAUTHORIZED
    assert any_house.hq.ingest.hello(any_house.known(till), till.hello()).resume_from == 2
    assert [(row.store, row.name) for row in any_house.hq.overview.tills()] == [("S2", "Front")]


def test_a_till_that_was_shut_out_stays_out_with_its_key(any_house: House) -> None:
    till = any_house.till()
    with any_house.hq.book.write() as connection:
        connection.execute(update(terminal).values(revoked_at_ms=1))
    assert token_refused(any_house, any_house.tokens[till.id]) is SyncErrorCode.REVOKED
    assert refused(any_house, till.pair_request(any_house.hq.make_pairing_code())) is SyncErrorCode.REVOKED


def test_no_code_and_no_token_is_kept_as_it_is(house: House) -> None:
    code = house.hq.make_pairing_code()
    till = house.till()
    kept = repr([house.rows(f"SELECT * FROM {name}") for name in ("pairing_code", "terminal")])
    assert code.replace("-", "") not in kept
    assert house.tokens[till.id] not in kept


def test_names_that_cannot_be_shown_are_cleaned(house: House) -> None:
    till = FakeTill(house.chance)
    house.hq.pairing.pair(till.pair_request(house.hq.make_pairing_code(), store="\u0007", name="T\u202e1"))
    assert [(row.store, row.name) for row in house.hq.overview.tills()] == [("?", "T1")]
