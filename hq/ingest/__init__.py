"""Taking journals in: resume by HQ's word, the chain recomputed, bytes stored verbatim, each entry posted once."""
