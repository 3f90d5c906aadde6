"""Doing something once: the answer is stored in the same commit as the effect.

The same key and request get the same bytes again; the same key with another request is refused. A refusal is
stored too, so that a retry never succeeds where the cashier was told that it failed.
"""

from collections.abc import Callable
from typing import Any

from agent.book import answers as kept
from agent.book.book import Writing
from agent.till import answers
from agent.till.answers import Recorded
from agent.till.checks import check
from agent.till.context import Context
from agent.till.requests import request_digest
from loyalty.journal.codec import EntryTooLarge
from loyalty.refusals import Refusal, RefusalCode

MAX_KEY = 200


def once(context: Context, key: str, request: object, act: Callable[[Writing], dict[str, Any] | Refusal]) -> Recorded:
    """Act in one commit, unless the key was answered before.

    Args:
        context: The till.
        key: The host's idempotency key, 1 to 200 characters.
        request: The request, for comparison.
        act: Does the work; one that refuses has written nothing.

    A request that cannot be kept at all is refused and forgotten: it is refused the same way the next time.
    """
    if not 1 <= len(key) <= MAX_KEY:
        detail = f"expected 1 to {MAX_KEY} characters"
        return _refused(context, Refusal(code=RefusalCode.BAD_REQUEST, field="key", detail=detail))
    malformed = check(request)
    if malformed is not None:
        return _refused(context, malformed)
    try:
        digest = request_digest(request)
    except UnicodeEncodeError:
        detail = "a text holds half of a surrogate pair"
        return _refused(context, Refusal(code=RefusalCode.BAD_REQUEST, detail=detail))
    try:
        return _once(context, key, digest, act)
    except EntryTooLarge:
        too_long = Refusal(code=RefusalCode.BASKET_TOO_LONG, field="lines", detail="more than one entry can hold")
        return _once(context, key, digest, lambda _: too_long)


def _once(context: Context, key: str, digest: bytes, act: Callable[[Writing], dict[str, Any] | Refusal]) -> Recorded:
    with context.book.write() as writing:
        before = kept.find(writing.connection, key)
        if before is not None:
            if before.request_digest != digest:
                detail = "this key was used before for another request"
                return _refused(context, Refusal(code=RefusalCode.KEY_REUSED, field="key", detail=detail))
            return Recorded(body=before.answer, fresh=False)
        outcome = act(writing)
        body = answers.encode(answers.refusal(outcome, context.catalogue) if isinstance(outcome, Refusal) else outcome)
        kept.keep(writing.connection, key, kept.Answered(request_digest=digest, answer=body))
    return Recorded(body=body, fresh=True)


def _refused(context: Context, refused: Refusal) -> Recorded:
    return Recorded(body=answers.encode(answers.refusal(refused, context.catalogue)), fresh=True)
