"""The till's use cases: identify, quote, commit, void, return, enrol. Each change is one commit of the book."""
