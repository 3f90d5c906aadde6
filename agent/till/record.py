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
from agent.till.context import Context
from agent.till.requests import request_digest
from loyalty.refusals import Refusal, RefusalCode

MAX_KEY = 200


def once(context: Context, key: str, request: object, act: Callable[[Writing], dict[str, Any] | Refusal]) -> Recorded:
    """Act in one commit, unless the key was answered before.

    Args:
        context: The till.
        key: The host's idempotency key, 1 to 200 characters.
        request: The request, for comparison.
        act: Does the work; one that refuses has written nothing.
    """
    if not 1 <= len(key) <= MAX_KEY:
        detail = f"expected 1 to {MAX_KEY} characters"
        return _refused(context, Refusal(code=RefusalCode.BAD_REQUEST, field="key", detail=detail))
    digest = request_digest(request)
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
