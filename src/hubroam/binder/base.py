"""What every address of the service shares."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from jupyterhub.services.auth import HubOAuthenticated
from tornado.web import HTTPError, RequestHandler

from hubroam.errors import HubroamError

if TYPE_CHECKING:
    from hubroam.binder.app import BinderService

log = logging.getLogger("hubroam")

_PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


class BaseHandler(HubOAuthenticated, RequestHandler):
    """What every address shares: headers, who asks, how errors look."""

    #: Whether the answer may be read from pages of any origin.
    open_to_all: ClassVar[bool] = False

    @property
    def service(self) -> BinderService:
        """The service."""
        service: BinderService = self.settings["service"]
        return service

    def set_default_headers(self) -> None:
        """BinderHub's header on everything; the one that opens an answer only where it is meant."""
        self.set_header("Access-Control-Allow-Headers", "cache-control")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Security-Policy", _PAGE_POLICY)
        self.set_header("Referrer-Policy", "no-referrer")
        if self.open_to_all:
            self.set_header("Access-Control-Allow-Origin", "*")

    def check_xsrf_cookie(self) -> None:
        """Nothing here changes anything by a form; launches are guarded by their build token."""

    @property
    def public_host(self) -> str:
        """The hub's URL as the client sees it; ends in a slash."""
        return f"{self.request.protocol}://{self.request.host}{self.service.hub_base}"

    @property
    def base_path(self) -> str:
        """Under which of the service's two places the client asks: the hub's root or its own."""
        service = self.service
        at_home = self.request.path.startswith(service.prefix)
        return service.prefix if at_home else service.hub_base

    def raw_spec(self, after: str) -> str:
        """The part of the path behind an endpoint's name, its percent-encoding kept.

        Args:
            after: The endpoint: ``v2`` or ``build``.
        """
        path = self.request.path.removeprefix(self.base_path)
        return path.removeprefix(f"{after}/")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Turn an exception into a page, or into JSON for who asks for that."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, HubroamError):
            self.set_status(error.status)
            document = error.to_json()
        else:
            document = {
                "code": "not-found" if status_code == 404 else "failed",
                "message": _sentence(status_code),
                "next_step": "Go back to the page that brought you here, and try again.",
            }
        if "text/html" not in self.request.headers.get("Accept", ""):
            self.finish(document)
            return
        self.render_page(
            "error.html",
            status=self.get_status(),
            message=document["message"],
            next_step=document["next_step"],
        )

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Errors for people are no news for the log."""
        if not isinstance(value, (HubroamError, HTTPError)):
            log.error("%s failed", self.request.path, exc_info=(typ, value, tb))

    def render_page(self, name: str, **variables: Any) -> None:
        """Finish with a page.

        Args:
            name: A template.
            variables: What it shows, beside what every page knows.
        """
        self.set_header("Content-Type", "text/html; charset=utf-8")
        page = self.settings["templates"].get_template(name)
        self.finish(
            page.render(
                base_url=self.base_path,
                static_url=f"{self.service.prefix}static/",
                hub_name=self.service.hub_name,
                hub_url=self.service.hub_base,
                **variables,
            )
        )


def _sentence(status: int) -> str:
    if status == 404:
        return "There is nothing at this address."
    if status < 500:
        return f"{HTTPStatus(status).phrase}."
    return "Something went wrong in this hub that it did not foresee."
