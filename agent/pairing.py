"""Pairing: HQ learns who this till is, and the till takes the merchant's identifier key.

The journal stays as it is: what an unpaired till earned is uploaded unchanged. Only the hashes of cards change,
since every till of a merchant hashes with the same key; they are made anew from the enrolments in the journal.
A crash between two steps is mended by the next start or the next pairing.
"""

from agent.book import journal, members
from agent.config.values import TillConfig
from agent.keys import TillKeys, identifier_key_id, is_token
from agent.till.context import Context
from loyalty.cards import card_key
from loyalty.journal.codec import decode_detail
from sync.links import http
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.values import PairAnswer, PairRequest
from sync.protocol.wire import pairing_proof_bytes


def pair(context: Context, hq_url: str, code: str) -> PairAnswer:
    """Pair this till with the HQ at ``hq_url``.

    Raises:
        LinkDown: HQ cannot be reached.
        SyncRefused: the code is wrong, used or too old.
        AgentError: the answer cannot be kept; pairing again with a new code mends it.
    """
    answer = http.pair(hq_url, _request(context.config, context.keys, code), context.config.sync.route)
    if not is_token(answer.token):
        raise SyncRefused(SyncErrorCode.MALFORMED, "HQ's token cannot stand in a request")
    adopt_identifier_key(context, answer.identifier_key)
    context.keys.keep_hq_key(answer.hq_key)
    context.keys.keep_token(answer.token)
    return answer


def adopt_identifier_key(context: Context, key: bytes) -> None:
    """Hash every own enrolment with the merchant's key from now on; nothing to do when it is the key already."""
    key_id = identifier_key_id(key)
    with context.book.alone():  # no sale may look for a card by one key in a book that is hashed with the other
        if key_id == identifier_key_id(context.keys.identifier_key):
            return
        context.keys.stage_identifier_key(key)
        with context.book.write() as writing:
            cards = {
                card_key(detail.identifier, key): members.canonical(writing.connection, entry_id)
                for entry_id, stored in journal.enrolments(writing.connection)
                if (detail := decode_detail(stored)).identifier is not None
            }
            members.replace_cards(writing.connection, cards, key_id)
        context.keys.settle_identifier_key(key_id)


def _request(config: TillConfig, keys: TillKeys, code: str) -> PairRequest:
    return PairRequest(
        code=code,
        public_key=keys.public_key,
        proof=keys.sign(pairing_proof_bytes(code, keys.public_key)),
        store=config.store.id,
        name=config.name,
    )
