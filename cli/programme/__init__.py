"""``loyaltill programme``: one module a command; `commands` is the table of them."""
