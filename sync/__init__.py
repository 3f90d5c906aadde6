"""How a till and HQ agree: hello, upload, resume, acknowledge, and the feed down.

``sync.protocol`` is a core without I/O, clock or randomness; ``sync.links`` and the uploader are the thin
layer that moves its bytes. This package refuses to know what a book is made of on either side.
"""
