"""The programmes that HQ publishes: every version, and when which begins in which stores."""
