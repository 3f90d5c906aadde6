"""What a till does with HQ's answer to its hello."""

from dataclasses import replace

import pytest

from sync.protocol.resume import Resume, Stance, resume
from sync.protocol.values import HelloAnswer

HASH, OTHER = b"\x01" * 32, b"\x02" * 32


def answer(resume_from: int, held: bytes = HASH, protocol: int = 1, epoch: int = 3) -> HelloAnswer:
    return HelloAnswer(
        protocol=protocol,
        epoch=epoch,
        durable=0,
        resume_from=resume_from,
        held_head=held,
        hq_epoch="e",
        hq_time=0,
        max_batch_entries=500,
        max_batch_bytes=1_000,
    )


@pytest.mark.parametrize(
    ("own", "own_hash", "said", "expected"),
    [
        # both are empty: h_0 is equal
        (0, HASH, answer(1), Resume(stance=Stance.LEVEL)),
        # HQ holds all
        (5, HASH, answer(6), Resume(stance=Stance.LEVEL)),
        # HQ lacks the last, some, or all
        (5, HASH, answer(5), Resume(stance=Stance.BEHIND, first=5)),
        (5, HASH, answer(3), Resume(stance=Stance.BEHIND, first=3)),
        (5, HASH, answer(1), Resume(stance=Stance.BEHIND, first=1)),
        # a different hash at a common sequence: h_0, the middle, the head
        (5, HASH, answer(1, OTHER), Resume(stance=Stance.FORKED)),
        (5, HASH, answer(3, OTHER), Resume(stance=Stance.FORKED)),
        (5, HASH, answer(6, OTHER), Resume(stance=Stance.FORKED)),
        # HQ is ahead: the till has no hash there
        (5, None, answer(7), Resume(stance=Stance.FORKED)),
        (0, None, answer(2), Resume(stance=Stance.FORKED)),
        # HQ takes another epoch, an earlier or a later one, whatever it holds of it
        (5, HASH, answer(6, epoch=2), Resume(stance=Stance.FORKED)),
        (5, HASH, answer(3, epoch=4), Resume(stance=Stance.FORKED)),
        # nonsense never leads to an upload
        (5, HASH, answer(0), Resume(stance=Stance.FORKED)),
        (5, HASH, answer(-1), Resume(stance=Stance.FORKED)),
        # a protocol that this program does not speak, whatever else is said
        (5, HASH, answer(6, protocol=2), Resume(stance=Stance.UNSUPPORTED)),
        (5, HASH, answer(3, OTHER, protocol=0), Resume(stance=Stance.UNSUPPORTED)),
    ],
)
def test_the_word_of_hq_decides(own: int, own_hash: bytes | None, said: HelloAnswer, expected: Resume) -> None:
    assert resume(3, own, own_hash, said) == expected


@pytest.mark.parametrize(("own", "said"), [(5, answer(6)), (5, answer(3)), (0, answer(1))])
def test_a_till_that_knows_that_it_is_an_old_copy_is_forked_whatever_hq_holds(own: int, said: HelloAnswer) -> None:
    assert resume(3, own, HASH, said, rolled_back=True) == Resume(stance=Stance.FORKED)
    assert resume(3, own, HASH, replace(said, protocol=2), rolled_back=True) == Resume(stance=Stance.UNSUPPORTED)
