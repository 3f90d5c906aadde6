"""The web application, made from services."""

from fastapi import FastAPI

from hq.web.api import add_api
from hq.web.bodies import Bodies
from hq.web.control import add_control
from hq.web.guard import Guard
from hq.web.pages import add_pages, style
from hq.web.refusals import RefusalLog
from hq.web.services import Services


def create_app(services: Services) -> FastAPI:
    """Make the application; FastAPI's own pages about it are off."""
    app = FastAPI(title="Loyaltill HQ", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard, style=style())
    bodies = Bodies()
    add_api(app, services, bodies, RefusalLog())
    add_control(app, services, bodies)
    add_pages(app, services, bodies)
    return app
