"""The world of one run: machines, lines, hosts and the auditor, put together, and what every event may do to them.

An event asks the world to do something to a machine. The world does it as a process would see it, ends processes where
sabotage asks for it, and tells the auditor what hosts and tills were told.
"""

import shutil
from contextlib import suppress
from pathlib import Path

from agent.errors import AgentError
from agent.sync_worker import Round, SyncMode, synchronise
from cli.simulation.audit.auditor import DRAINED, Auditor
from cli.simulation.audit.disks import Known
from cli.simulation.audit.headquarters import HqPicture
from cli.simulation.audit.violation import Violation
from cli.simulation.chance import Chance
from cli.simulation.clocks import WorldClock
from cli.simulation.disks import Sabotage, WriteAhead, empty
from cli.simulation.hosts import KINDS, Host, Request
from cli.simulation.machines import Disks, HqMachine, TillMachine
from cli.simulation.network import Network, SimLink
from cli.simulation.serving import Answer, answer
from cli.simulation.shop import Templates, pair
from cli.simulation.trace import Trace
from sync.protocol.errors import LinkDown, SyncErrorCode

PAGE_ROWS = (6, 25, 2_000)
"""Rows of a feed page, by seed: few, so that a feed has several pages; or as many as HQ gives."""

WRITE_OFF_DAYS = (None, None, 1)
"""When HQ gives up what a dark till holds, in days after its end, by seed: never, or soon."""


class World:
    """Everything there is in one run.

    Attributes:
        steps: Things that happened: an event, or a message on its way.
        tills: The machines that stand in the shops, by their number.
        hosts: Their POS programs.
        images: Images of tills' disks, with what was known of them then, and of which machine.
        backups: Images of HQ's disk, with what it had acknowledged then.
        coupons: Codes that were printed so far.
        spares: Numbers of new machines that were not used yet.
    """

    def __init__(self, seed: int, folder: Path, templates: Templates, trace: Trace) -> None:
        """Copy the machines' disks and start them."""
        self.trace, self.templates = trace, templates
        self.chance = Chance(seed, "events")
        self.clock = WorldClock()
        self.disks = Disks(folder)
        self.auditor = Auditor(templates.programme)
        self.steps = 0
        self._seed = seed
        self._hq_sabotage: Sabotage | None = None
        page_rows = self.chance.pick(PAGE_ROWS)
        write_off = self.chance.pick(WRITE_OFF_DAYS)
        disk = self.disks.copy(templates.folder / "hq", "hq")
        self.hq = HqMachine(self.disks, disk, self.clock, Chance(seed, "hq"), page_rows, write_off)
        self.network = Network(self, self, Chance(seed, "network"))
        self.tills: dict[int, TillMachine] = {}
        self.hosts: dict[int, Host] = {}
        self.images: list[tuple[Path, Known, int]] = []
        self.backups: list[tuple[Path, dict[tuple[str, int], int]]] = []
        self.coupons: list[str] = []
        self.spares = [5, 6, 7]
        self.hq.start()
        for number in range(self.chance.between(2, 4)):
            self.install(number)

    # ------------------------------------------------------------------------------------------------ machines
    def install(self, number: int) -> TillMachine:
        """Put a new machine with a fresh disk into a shop and start it."""
        disk = self.disks.copy(self.templates.folder / f"till-{number}", f"till-{number}")
        machine = TillMachine(number, self.disks, disk, self.clock, Chance(self._seed, f"mint {number}"))
        self.tills[number] = machine
        self.hosts[number] = Host(number, Chance(self._seed, f"host {number}"), self.coupons)
        self.start(machine, self.templates.known(number))
        return machine

    def start(self, machine: TillMachine, known: Known) -> None:
        """Start a till's process on its disk, of which this was known."""
        machine.start()
        self.auditor.begun(machine.number, machine.book, known)
        self._open_line(machine)

    def crash(self, machine: TillMachine, left: Path | None = None, known: Known | None = None) -> None:
        """End a till's process at once and start it again on what is left of its disk."""
        remembered = self.auditor.ended(machine.number)
        machine.die(left if left is not None else machine.image())
        self.start(machine, known if known is not None else remembered)

    def remove(self, machine: TillMachine) -> None:
        """Take a machine away, with its disk."""
        self.auditor.ended(machine.number)
        machine.close()
        shutil.rmtree(machine.disk)
        del self.tills[machine.number], self.hosts[machine.number]

    def lose(self, number: int) -> None:
        """A till's disk is gone with what was never sent."""
        self.auditor.lost(number)
        self.trace.note("lost", number)

    def pair(self, machine: TillMachine) -> None:
        """Pair a new machine."""
        self.spare_hq()
        pair(machine.running, self.hq.running)
        self._open_line(machine)
        self.trace.note("paired", machine.name)

    def put_back(self, machine: TillMachine, left: Path, known: Known) -> None:
        """Go on with another disk of a till, of which this was known."""
        image = self.disks.copy(left, "put-back")
        self.crash(machine, left, known)
        self.auditor.put_back(machine.number, image / machine.book.name)

    def _open_line(self, machine: TillMachine) -> None:
        """Let the till ask HQ while a sale waits."""
        token = machine.running.context.keys.token
        if token is not None:
            link = SimLink(self.network, self, machine.number, token)
            machine.running.context.line.open(link.leases)

    def hq_restored(self, left: Path, acknowledged: dict[tuple[str, int], int], *, declared: bool) -> None:
        """Go on with another disk of HQ, of which so much had been acknowledged."""
        self.auditor.lost_members = True
        self.hq.die(left)
        self.hq.start(restored=declared)
        self.auditor.hq_begun(self.hq.book, acknowledged)

    def hq_crash(self, left: Path | None = None) -> None:
        """End HQ's process at once; it stays down until `hq_start`."""
        self.hq.die(left if left is not None else self.hq.image())

    def hq_start(self) -> HqPicture:
        """Start HQ on its disk and look at it."""
        self.hq.start()
        return self.auditor.hq_begun(self.hq.book)

    # ------------------------------------------------------------------------------------------------ hosts
    def ask(self, machine: TillMachine, request: Request, *, sabotaged: bool = False) -> bool:
        """Let a host ask its till; with sabotage the till ends meanwhile. True where the host was answered."""
        host, (kind, act) = self.hosts[machine.number], KINDS[type(request)]
        if request not in host.unanswered and request not in host.answered:
            host.unanswered.append(request)
        if sabotaged:
            self._ask_and_crash(machine, request)
            return False
        try:
            recorded = act(machine.running, request)
        except AgentError as fault:
            self.trace.note("fault", machine.name, kind, type(fault).__name__)
            return False
        self.trace.note("answer", machine.name, kind, request.key, recorded.body)
        self.auditor.tills[machine.number].heard(request.key, recorded.body, kind)
        host.heard(request, recorded.values)
        return True

    def _ask_and_crash(self, machine: TillMachine, request: Request) -> None:
        """The process ends while it works, or after its commit and before the host hears; or the power fails."""
        kind, act = KINDS[type(request)]
        log = WriteAhead(machine.book)
        sabotage = machine.sabotage(self.chance)
        recorded = None
        with suppress(AgentError):
            recorded = act(machine.running, request)
        done = sabotage.image is None
        left = sabotage.end()
        torn = done and self.chance.one_in(3) and log.tear(left, self.chance)
        if done and not torn and recorded is not None:
            self.auditor.tills[machine.number].heard(request.key, recorded.body, kind)
        self.trace.note("crash", machine.name, kind, request.key, f"done={done} torn={torn}")
        self.crash(machine, left)

    # ------------------------------------------------------------------------------------------------ syncing
    def sync(self, machine: TillMachine, *, sabotaged: bool = False) -> Round | None:
        """Let a till sync once; with sabotage its process ends meanwhile, and nothing is given."""
        token = machine.running.context.keys.token
        if token is None:
            return None
        link = SimLink(self.network, self, machine.number, token)
        sabotage = machine.sabotage(self.chance) if sabotaged else None
        outcome = None
        try:
            outcome = synchronise(machine.running.context, link, files=link)
        except AgentError as fault:
            if sabotage is None:
                self.trace.note("fault", machine.name, "sync", type(fault).__name__)
        finally:
            left = sabotage.end() if sabotage is not None else None
        if left is not None:
            self.trace.note("crash", machine.name, "sync")
            self.crash(machine, left)
            return None
        self.auditor.tills[machine.number].settle()
        if outcome is not None:
            self.trace.note("round", machine.name, outcome.mode.value, outcome.sent, outcome.received)
        return outcome

    # -------------------------------------------------------------------------------- the network's server and listener
    def serve(self, token: str, what: str, body: bytes) -> Answer:
        """Answer a request as HQ; HQ may end while it works, or before its answer leaves."""
        if self.hq.hq is None:
            raise LinkDown("simulated: HQ is down")
        if self._hq_sabotage is None:
            return answer(self.hq.hq, token, what, body)
        sabotage, self._hq_sabotage = self._hq_sabotage, None
        fault: Exception | None = None
        try:
            answer(self.hq.hq, token, what, body)
        except Exception as caught:  # noqa: BLE001  # whatever it was, if the process had ended by then
            fault = caught
        if fault is not None and sabotage.image is None:
            sabotage.end()
            raise fault
        self.hq_crash(sabotage.end())
        self.trace.note("crash", "hq", what)
        raise LinkDown("simulated: HQ ended")

    def sabotage_hq(self) -> None:
        """Let HQ end during the next request."""
        if self.hq.hq is not None and self._hq_sabotage is None:
            self._hq_sabotage = self.hq.sabotage(self.chance)

    def spare_hq(self) -> None:
        """Let HQ live, where nothing has come to end it."""
        if self._hq_sabotage is not None and self.hq.hq is not None:
            shutil.rmtree(self._hq_sabotage.end())
        self._hq_sabotage = None

    def message(self, number: int, what: str, fate: str) -> None:
        """A message travels: a step of its own."""
        self.steps += 1
        self.trace.note("message", number, what, fate)

    def sending(self, number: int, what: str, body: bytes) -> None:
        """Tell the auditor."""
        self.auditor.sending(number, what, body)

    def told(self, number: int, what: str, answer: bytes) -> None:
        """Tell the auditor."""
        self.auditor.told(number, what, answer)

    # ------------------------------------------------------------------------------------------------ rest
    def rest(self) -> HqPicture:
        """Let everything come to rest: a quiet network, every process running, no new sale; then compare.

        Raises:
            Violation: something does not agree.
        """
        self.network.clear()
        self.spare_hq()
        if self.hq.hq is None:
            self.hq_start()
        for machine in self.tills.values():
            if machine.writer is not None:
                empty(machine.writer)
        cloned = self._cloned()
        shut_out = self._drain()
        picture = self.auditor.hq_picture(self.hq.book)
        for number, machine in sorted(self.tills.items()):
            if machine.running.context.keys.token is not None and number not in shut_out:
                self.auditor.at_rest(number, picture, cloned=number in cloned)
                head = machine.running.context.book.head
                self.trace.note("rest", machine.name, head.epoch, head.sequence, head.hash)
        for (account, unit), amount in sorted(picture.balances.items()):
            self.trace.note("balance", account, unit, amount)
        return picture

    def _cloned(self) -> set[int]:
        """Give the tills whose key another running till has too."""
        terminals = {number: machine.running.context.keys.terminal for number, machine in self.tills.items()}
        return {
            number
            for number, terminal in terminals.items()
            if any(other == terminal for of, other in terminals.items() if of != number)
        }

    def _drain(self) -> set[int]:
        """Let every till sync until each has been told what the others sent.

        Gives those that nobody lets in: without a token, or of two with one key the one that does not have it.
        """
        shut_out = {number for number, machine in self.tills.items() if machine.running.context.keys.token is None}
        paired: set[bytes] = set()
        level: set[int] = set()
        again: set[int] = set()
        cloned = self._cloned()
        once_more = self.chance.one_in(4)
        for _ in range(_MOST_TURNS):
            for number in sorted(self.tills.keys() - shut_out - level):
                outcome = self.sync(self.tills[number])
                if outcome is None:
                    continue
                if _is_unknown(outcome):
                    terminal = self.tills[number].running.context.keys.terminal
                    if terminal in paired:
                        shut_out.add(number)
                    else:
                        self.pair(self.tills[number])
                        paired.add(terminal)
                elif outcome.mode is not SyncMode.ONLINE:
                    said = f"till {number} is {outcome.mode.value} though all is quiet: {outcome.detail}"
                    raise Violation(DRAINED, said)
                else:
                    if outcome.sent and number not in again:
                        level.clear()
                    level.add(number)
                    again |= {number} & cloned  # of two disks with one key each begins an epoch at every contact
            if self.tills.keys() <= shut_out | level:
                if not once_more:
                    return shut_out
                once_more = False
                level.clear()
        raise Violation(DRAINED, f"the tills are not level after {_MOST_TURNS} rounds each")

    def close(self) -> None:
        """End every process."""
        for audit in self.auditor.tills.values():
            audit.view.close()
        for machine in self.tills.values():
            machine.close()
        self.hq.close()


_MOST_TURNS = 7


def _is_unknown(outcome: Round) -> bool:
    """Tell whether HQ does not know the till's token: HQ's disk was restored from before its pairing."""
    return outcome.mode is SyncMode.REFUSED and outcome.detail.startswith(SyncErrorCode.UNAUTHORIZED.value)
