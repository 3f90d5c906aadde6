"""A route to HQ: a company's own certificates, and a proxy in between."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sync.links import http
from sync.links.http import HttpLink
from sync.links.route import Route
from sync.protocol import wire
from sync.protocol.errors import LinkDown
from sync.protocol.values import FeedPage, PairAnswer, PairRequest

PAGE = FeedPage(hq_epoch="e1", after=3, upto=3, complete=True, applied=0, rows=())
REQUEST = PairRequest(code="ABCD", public_key=bytes(32), proof=bytes(64), store="S1", name="till 1")
PAIRED = PairAnswer(token="t0k3n", identifier_key=bytes(32), hq_key=bytes(32), hq_epoch="e1", merchant="M")


@contextmanager
def answering(tls: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[str]]]:
    """Answer as HQ does; gives the port and what was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append(self.path)
            pairs = self.path.endswith("/v1/pair")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(wire.encode_pair_answer(PAIRED) if pairs else wire.encode_feed_page(PAGE))

        do_GET = do_POST  # noqa: N815  # the name is http.server's

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(HTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A caller that does not trust the certificate hangs up."""

    with Server(("127.0.0.1", 0), Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port, asked
        server.shutdown()
        thread.join()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for this machine that no public authority knows, with its key in the same file."""
    key, now = Ed25519PrivateKey.generate(), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "company")])
    made = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, None)
    )
    path = tmp_path / "company.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(made.public_bytes(Encoding.PEM) + private)
    return path


@pytest.fixture
def hq(certificate: Path) -> Iterator[str]:
    """HQ's address, behind a certificate of the company."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with answering(tls) as (port, _):
        yield f"https://127.0.0.1:{port}"


def test_a_companys_own_certificates_are_trusted_where_the_settings_name_them(hq: str, certificate: Path) -> None:
    route = Route(ca_file=certificate)
    with HttpLink(hq, "t", route) as link:
        assert link.feed(3, 1) == PAGE
    assert http.pair(hq, REQUEST, route) == PAIRED


def test_a_certificate_that_nobody_vouches_for_is_a_dead_link(hq: str) -> None:
    with HttpLink(hq, "t") as link, pytest.raises(LinkDown, match="SSLError"):
        link.feed(3, 1)
    with pytest.raises(LinkDown, match="SSLError"):
        http.pair(hq, REQUEST)


def test_a_file_of_certificates_that_cannot_be_used_is_a_dead_link(hq: str, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    for name, reason in (("none.pem", "none.pem"), ("empty.pem", "SSLError")):
        with HttpLink(hq, "t", Route(ca_file=tmp_path / name)) as link, pytest.raises(LinkDown, match=reason):
            link.feed(3, 1)


def test_everything_to_hq_goes_through_the_proxy() -> None:
    with answering() as (port, asked):
        route = Route(proxy=f"http://127.0.0.1:{port}")
        with HttpLink("http://hq.invalid", "t", route) as link:
            assert link.feed(3, 1) == PAGE
        assert http.pair("http://hq.invalid", REQUEST, route) == PAIRED
    assert asked == ["http://hq.invalid/v1/sync/feed?after=3&epoch=1", "http://hq.invalid/v1/pair"]


def test_no_error_shows_what_is_in_the_proxys_address() -> None:
    route = Route(proxy="http://till:secret@127.0.0.1:9")
    with HttpLink("https://hq.invalid", "t", route) as link, pytest.raises(LinkDown) as raised:
        link.feed(3, 1)
    assert "secret" not in str(raised.value)
