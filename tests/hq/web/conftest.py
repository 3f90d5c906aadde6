"""A served HQ: a real server on loopback, and a browser that follows no redirects by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests

from hq.server import ServerThread
from tests.hq.houses import House
from tests.hq.tills import FakeTill


@dataclass
class Site:
    """A house and where it is served."""

    house: House
    url: str

    def ask(self, method: str, path: str, **given: object) -> requests.Response:
        return requests.request(method, self.url + path, timeout=20, allow_redirects=False, **given)  # type: ignore[arg-type]

    def as_till(self, till: FakeTill, method: str, path: str, **given: object) -> requests.Response:
        return self.ask(method, path, headers={"Authorization": f"Bearer {self.house.tokens[till.id]}"}, **given)

    def signed_in(self) -> requests.Session:
        browser = requests.Session()
        browser.trust_env = False
        link = {"link": self.house.hq.make_login_link(self.url)}
        assert browser.post(self.url + "/sign-in", data=link, timeout=20).url == self.url + "/"
        return browser


@pytest.fixture
def site(house: House) -> Iterator[Site]:
    with ServerThread(house.hq) as server:
        yield Site(house, server.url)
