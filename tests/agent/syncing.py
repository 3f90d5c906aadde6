"""Tills whose HQ is the model, and what they noted of it."""

from __future__ import annotations

import random
import time
from pathlib import Path

from agent.book import sync_state
from agent.keys import TillKeys
from agent.till.till import Till
from tests.agent.till.world import Clock, config, programme_file
from tests.sync.model import IDENTIFIER_KEY, FailingLink, HqModel

SHARED = "2100000000017"


def open_known(folder: Path, hq: HqModel, seed: int) -> Till:
    """Open a till whose cards are hashed with the model's key, and that the model knows."""
    chance = random.Random(seed)
    cfg = config(folder)
    keys = TillKeys(cfg.data_dir / "keys", terminal_seed=chance.randbytes(32), identifier_key=IDENTIFIER_KEY)
    hq.know(keys.public_key)
    ids = random.Random(chance.random() + time.monotonic_ns())
    programme_file(folder)
    return Till(cfg, keys=keys, clock=Clock(), mint=lambda: ids.randbytes(16))


def link(till: Till, hq: HqModel, *faults: int) -> FailingLink:
    return FailingLink(hq=hq, terminal=till.context.keys.terminal, faults=iter(faults))


def state(till: Till) -> sync_state.SyncState:
    with till.context.book.read() as connection:
        return sync_state.state(connection)


def pending(till: Till) -> int:
    with till.context.book.read() as connection:
        found: int = connection.exec_driver_sql("SELECT count(*) FROM pending").scalar_one()
    return found
