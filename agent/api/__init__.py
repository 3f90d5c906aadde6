"""The till's local API and its page, for POS programs and people on the same machine.

Statuses: 200 for an effect or an answer; 400 for a request that is not one (`bad_request`, with the field); 409 where
an idempotency key comes again with another request (`key_reused`); 422 for every other refusal; 503 where the book
cannot be written to and nothing was recorded; 401 and 403 for callers who may not ask. Every refusal's body has
``refused`` (the stable code) and ``text`` (for the cashier); an error that is no refusal has ``error``.
"""
