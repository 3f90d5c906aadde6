"""``loyaltill doctor``: looks at a machine's set-up, changes nothing, and says in sentences what is wrong."""
