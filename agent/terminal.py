"""The one place where a till's process is put together: the till, its workers, its scanners and its local API."""

import logging
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from agent.api.app import create_app
from agent.api.server import ApiServer
from agent.api.services import Services
from agent.api.token import api_token, page_key
from agent.config.values import TillConfig
from agent.customer_display import CustomerDisplay
from agent.devices import Devices
from agent.errors import AgentError
from agent.events import Events
from agent.keys import TillKeys
from agent.ports import Clock, Mint, system_clock, system_mint
from agent.recall_worker import RecallWorker
from agent.signals import END, RELOAD, Heard
from agent.sources import MakeSource, make_source
from agent.sync_worker import SyncMode, SyncWorker
from agent.till.till import Till
from loyalty.reading.problems import BadFile

if TYPE_CHECKING:
    from agent.printers import Make, Printing
    from sync.links.brief import Brief
    from sync.protocol.leases import LeaseAnswer, LeaseRequest

_LOG = logging.getLogger(__name__)


class Terminal:
    """A till's process. Make it, `start` it, `stop` it; or use it as a context.

    Attributes:
        till: The use cases, for whoever is in the same process; call `nudge` after a change.
        events: What the agent's own scanners read.
        devices: Those scanners.
    """

    def __init__(
        self,
        config: TillConfig,
        *,
        clock: Clock = system_clock,
        mint: Mint = system_mint,
        keys: TillKeys | None = None,
        printer: "Make | None" = None,
        make_source: MakeSource = make_source,
        config_file: Path | None = None,
    ) -> None:
        """Open the till; nothing runs yet.

        Args:
            config: Its settings.
            clock: The time.
            mint: New ids.
            keys: Its secrets; those in ``data_dir`` unless a demo or a replay brings its own.
            printer: Makes a printer from its settings, instead of the one that they name.
            make_source: Makes the source of each scanner that the settings name.
            config_file: Where the settings came from, so that changed ones can be loaded.

        Raises:
            AgentError: the keys or the book cannot be used; another agent may hold them. The book is closed again.
            BadFile: the programme has faults.
        """
        self.config = config
        self.events = Events()
        self.syncing: SyncWorker | None = None
        self._recalls: RecallWorker | None = None
        self._brief: Brief[LeaseRequest, LeaseAnswer] | None = None
        self._server: ApiServer | None = None
        self.till = Till(config, keys=keys, clock=clock, mint=mint)
        context = self.till.context
        try:
            self._token = api_token(context.keys.folder)
            self.printing = self._printing(printer)
            self.display = CustomerDisplay(context, config.display) if config.display is not None else None
            self.devices = Devices(context, self.events, config_file=config_file, make_source=make_source)
        except BaseException:
            self.till.close()
            raise

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything that the settings ask for.

        Raises:
            AgentError: something cannot start; nothing is left running.
        """
        try:
            self._server = ApiServer(self.config.host, self.config.port)
            self._check_templates()
            if self.printing is not None:
                self.printing.start()
            if self.display is not None:
                self.display.start()
            self.devices.start()
            self._start_sync()
            self._server.start(create_app(self._services()))
        except BaseException:
            self.stop()
            raise

    def _printing(self, make: "Make | None") -> "Printing | None":
        if self.config.receipt_printer is None:
            return None
        from agent.printers import Printing

        return Printing(self.till.context, self.events.add, make=make)

    def _check_templates(self) -> None:
        if self.config.receipts.templates is not None:
            from agent.receipts.checking import log_faults

            log_faults(self.config.receipts, self.config.store.language)

    def stop(self) -> None:
        """Finish what is under way, end every thread and close the book."""
        self.events.close()
        for part in (self.devices, self._server, self._recalls, self.syncing, self.printing, self.display):
            if part is not None:
                part.stop()
        self.till.close()

    def run(self, heard: Heard | None = None) -> None:
        """Wait, after `start`, until Ctrl-C or a request to end; for the main thread. SIGHUP loads changed scanners.

        Args:
            heard: What came already, while the till was started.
        """
        heard = heard or Heard()
        with heard.of((*END, RELOAD)):
            while not (asked := heard.wait()).intersection(END):
                if RELOAD in asked:
                    self._reload()

    def _reload(self) -> None:
        try:
            self.devices.reload()
        except BadFile:
            pass  # it is logged, and told to whoever asks
        except AgentError as fault:
            _LOG.error("%s", fault)
        except Exception as fault:  # noqa: BLE001 - sales go on, whatever is wrong with scanners
            _LOG.error("the scanners could not be loaded again (%s)", type(fault).__name__)

    def nudge(self) -> None:
        """Print and send what is new; a change through the local API does this by itself."""
        for part in (self.printing, self.syncing):
            if part is not None:
                part.nudge()

    def pair(self, code: str, hq_url: str = "") -> str:
        """Pair with HQ, by default the one in the settings, and begin to sync; gives the merchant's name.

        Raises:
            LinkDown: HQ cannot be reached.
            SyncRefused: the code is wrong, used or too old.
            AgentError: what HQ gave cannot be kept.
        """
        from agent.pairing import pair

        answer = pair(self.till.context, hq_url or self.config.sync.hq_url, code)
        self._start_sync(hq_url)
        return answer.merchant

    @property
    def base_url(self) -> str:
        """Where the local API is, once started: ``http://host:port``."""
        return self._server.url if self._server is not None else ""

    @property
    def url(self) -> str:
        """The link to the till's page, once started; whoever has it sees the page."""
        return f"{self.base_url}/?key={page_key(self._token)}"

    @property
    def token(self) -> str:
        """What a POS program shows as its bearer token; it finds it in ``api.token`` in the keys folder."""
        return self._token

    @property
    def sync_mode(self) -> SyncMode:
        """How the till and HQ stand to each other."""
        return self.syncing.last.mode if self.syncing is not None else SyncMode.UNPAIRED

    def _services(self) -> Services:
        return Services(
            till=self.till,
            events=self.events,
            token=self._token,
            sync_mode=lambda: self.sync_mode,
            clock_ahead_s=lambda: self.syncing.clock_ahead_s if self.syncing is not None else None,
            printing=self.printing,
            display=self.display,
            devices=self.devices,
            pair=self.pair,
            changed=self.nudge,
        )

    def _start_sync(self, hq_url: str = "") -> None:
        """Begin to sync when the till is paired and knows where HQ is; again with a new token."""
        url, token = hq_url or self.config.sync.hq_url, self.till.context.keys.token
        if not url or token is None:
            return
        from sync.links.brief import Brief
        from sync.links.http import HURRIED, HttpLink

        for part in (self._recalls, self.syncing):
            if part is not None:
                part.stop()
        sync = self.config.sync
        if self._brief is not None:
            self._brief.close()
        self._brief = Brief(HttpLink(url, token, sync.route, patience=HURRIED).leases, HURRIED.whole_s)
        self.till.context.line.open(self._brief)
        link = HttpLink(url, token, sync.route)
        self.syncing = SyncWorker(self.till.context, link, sync.interval_s, snapshots=link, files=link, buckets=link)
        self.syncing.start()
        self._recalls = RecallWorker(
            self.till.context,
            HttpLink(url, token, sync.route).leases,
            nudge=self.syncing.nudge,
            is_online=lambda: self.sync_mode is SyncMode.ONLINE,
            idle_s=sync.interval_s,
        )
        self._recalls.start()
