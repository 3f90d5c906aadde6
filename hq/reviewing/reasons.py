"""What each reason means and what to do about it, in English, for the command line. Pages have the catalogues."""

from dataclasses import dataclass

from hq.attention.parking import ExceptionReason, ParkReason


@dataclass(frozen=True, slots=True)
class Words:
    """What is the matter, and the way out."""

    what: str
    way_out: str


WORDS: dict[ExceptionReason | ParkReason, Words] = {
    ParkReason.MALFORMED: Words(
        "HQ cannot read this entry.",
        "Update HQ where the till is newer, then replay it; else the till's disk is at fault, and the entry stays here.",
    ),
    ParkReason.UNKNOWN_KIND: Words(
        "This HQ does not know such entries: the till is newer.", "Update HQ, then replay it."
    ),
    ParkReason.UNKNOWN_ACCOUNT: Words(
        "It posts to an account that HQ does not have.",
        "It is posted by itself once the till that enrolled the member has sent; look at which till is behind.",
    ),
    ParkReason.UNKNOWN_ORIGINAL: Words(
        "A return that names no sale, so nothing was taken back or given back.",
        "Find the sale, correct the member with `loyaltill hq adjust`, then settle it with a note.",
    ),
    ParkReason.AMOUNT_TOO_LARGE: Words(
        "It would move a balance past what any account can hold.",
        "Correct the account with `loyaltill hq adjust`, then replay it.",
    ),
    ExceptionReason.ENTRY_ID_REUSED: Words(
        "Two different entries came with one id; the first one counts.",
        "Compare the two; correct the member with `loyaltill hq adjust` if the second one is right.",
    ),
    ExceptionReason.DETAIL_MISMATCH: Words(
        "The entry came with a detail that is not its own; its units were posted.",
        "Check the till's disk; the receipt shows what was sold.",
    ),
    ExceptionReason.FORK: Words(
        "This till's journal and HQ's differ: its disk was restored or copied.",
        "Find out which machine is the till, and stop the other.",
    ),
    ExceptionReason.HQ_RESTORED: Words(
        "HQ was restored from a backup; tills fetch everything anew and send what the backup lacks.",
        "Do again what was done at HQ since the backup: programmes, corrections, coupons, pairings.",
    ),
    ExceptionReason.CLONE: Words(
        "Two living disks use this till's identity: each goes on from its own copy.",
        "Stop one of them and give it a new key (an empty data_dir); what both sold is kept.",
    ),
    ExceptionReason.ENTRIES_MISSING: Words(
        "The till removed entries that HQ had called durable, and HQ does not have them.",
        "Restore HQ from a later backup; the receipts show what was sold.",
    ),
    ExceptionReason.ROT: Words(
        "Bytes on the till's disk changed: an entry was sealed as evidence and is not posted.",
        "Replace the disk; correct the member with `loyaltill hq adjust` by the receipt.",
    ),
    ExceptionReason.LEASE_FOREIGN: Words(
        "An entry draws on a lease that another till holds; its units were posted, the draw was not counted.",
        "The till's program or disk is not as it should be: look at `loyaltill hq till list`.",
    ),
    ExceptionReason.LEASE_UNKNOWN: Words(
        "An entry draws on a lease that HQ does not know; its units were posted.",
        "After HQ was restored this is to be expected; otherwise look at the till.",
    ),
    ExceptionReason.LEASE_OVERDRAWN: Words(
        "A till gave more under a lease than it was granted; its units were posted.",
        "Its disk was restored or copied, or its program changed: look at the till.",
    ),
    ExceptionReason.OVERSPENT: Words(
        "A till gave units that were not there any more; what its receipt says is posted, and the difference is lost.",
        "`loyaltill policy explain` adds up such losses. `late`: a lease was written off too early; `fork`: a disk was restored or "
        "copied; `unleased`: it gave beyond its rights, within the floor limits or from such a disk.",
    ),
    ExceptionReason.PROGRAMME_OLD: Words(
        "This till sold by a version of the programme that was no longer in force; what its receipts say is posted.",
        "See that it reaches HQ, and that its program can read the version in force: `loyaltill hq till list`.",
    ),
    ExceptionReason.TIER_OLD: Words(
        "This till sold by a tier that the member was not in any more; what the receipt says is posted.",
        "Correct the member with `loyaltill hq adjust` where it matters.",
    ),
    ExceptionReason.BALANCES_DIFFER: Words(
        "Balances that this till had shown differed from HQ's; it fetches them anew.",
        "Nothing, where it happens once; if it comes back, look at the till's disk.",
    ),
    ExceptionReason.CLOCK_OFF: Words(
        "This till's clock and HQ's differ by more than five minutes; its sales count, at most five minutes ahead of their arrival.",
        "Set the clock of the till, or HQ's; look whether its battery is empty.",
    ),
    ExceptionReason.TILL_REVOKED: Words(
        "A person shut this till out.",
        "Look at what it sent last. `loyaltill hq till restore-access` lets it in again.",
    ),
}
