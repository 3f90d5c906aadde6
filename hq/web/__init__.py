"""HQ over HTTP: the sync protocol for tills, pages for people. Nothing is open but pairing, health and sign-in."""
