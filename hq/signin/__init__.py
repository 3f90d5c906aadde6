"""How a person at HQ gets to the pages: a one-time link made on the server, then a session. No passwords."""
