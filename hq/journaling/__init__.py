"""The journal that HQ writes itself: what time, jobs and people at HQ do to accounts."""
