"""The tills that HQ knows, as people administer them: a list, and who is shut out."""
