"""HQ's decisions about leases: granting, recalling, placing and writing them off, under the invariants of docs/SPEC-leases.md."""
