"""The launch page, and the stream of events that drives it."""

from __future__ import annotations

import asyncio
import re
from contextlib import aclosing, suppress
from urllib.parse import quote, urlencode

from tornado.iostream import StreamClosedError
from tornado.web import HTTPError

from hubroam.binder.base import BaseHandler
from hubroam.binder.opener import LaunchRequest
from hubroam.binder.paths import content_of
from hubroam.binder.tokens import check_build_token, make_build_token
from hubroam.errors import HubroamError, LinkError, SignInNeeded
from hubroam.events import KEEPALIVE, LaunchEvent, failed
from hubroam.links import content_path, page_origin, repository_url, session_path
from hubroam.providerinfo import PROVIDERS
from hubroam.spec import BinderSpec

# What a client may ask for in Accept to get the stream; BinderHub takes only the first, alone.
_ACCEPTED = {"text/event-stream", "text/*", "*/*"}

# Bytes of events that go to a reader at once.
_TOGETHER = 16 << 10


class LaunchHandler(BaseHandler):
    """What the page and the stream share: who asks for what."""

    async def prepare(self) -> None:
        """Ask the hub who this is, without holding up everybody else; the answer is cached."""
        if not self.service.temporary_users:
            await self.hub_auth.get_user(self, sync=False)

    def reader(self) -> str | None:
        """The signed-in reader's name; None where readers get temporary users."""
        if self.service.temporary_users:
            return None
        user = self.current_user
        return str(user["name"]) if user else None

    def page(self) -> str | None:
        """The origin of the page that the session is to be handed to; None where there is none.

        Raises:
            LinkError: It is no origin.
        """
        origin = self.get_query_argument("live", None)
        return page_origin(origin) if origin else None

    def env_path(self) -> str:
        """The folder of the repository that the recipe is in; empty for its root.

        Raises:
            LinkError: It leaves the repository.
        """
        return content_path(self.get_query_argument("envpath", ""))

    def asked(self, raw: str) -> str:
        """What a build token is for: a spec, and the folder of its recipe."""
        return f"{raw}?{self.env_path()}" if self.env_path() else raw

    def open_path(self) -> str:
        """The path to open in the session, by BinderHub's parameters and their precedence."""
        return session_path(
            urlpath=self.get_query_argument("urlpath", None),
            labpath=self.get_query_argument("labpath", None),
            filepath=self.get_query_argument("filepath", None),
        )


class LaunchPageHandler(LaunchHandler):
    """``/v2/<provider>/<spec>``: the page that builds, shows progress, then opens the session."""

    def get(self) -> None:
        """Show the page; where readers sign in, let them do that first.

        Raises:
            SpecError: The address names nothing that could be launched.
        """
        service = self.service
        raw = self.raw_spec("v2")
        spec = BinderSpec.parse(raw)
        if not service.temporary_users:
            if self.base_path != service.prefix:
                # the sign-in's cookie belongs to the service's own prefix
                query = f"?{self.request.query}" if self.request.query else ""
                self.redirect(f"{service.prefix}v2/{raw}{query}")
                return
            if self.current_user is None:
                self.redirect(self.get_login_url())  # it brings the reader back here
                return
        open_path = self.open_path()
        page = self.page()
        user = self.reader()
        token = make_build_token(
            service.secret, spec=self.asked(raw), origin=self.request.host, user=user, page=page
        )
        env_path = self.env_path()
        asked = {"build_token": token, "urlpath": open_path, "envpath": env_path, "live": page}
        query = urlencode({name: value for name, value in asked.items() if value})
        self.set_header("Cache-Control", "no-store")
        self.render_page(
            "launch.html",
            spec=str(spec),
            provider_name=PROVIDERS[spec.provider].display_name,
            repository=spec.repository,
            ref=spec.ref,
            repo_link=_web_link(spec),
            build_url=f"{self.base_path}build/{raw}?{query}",
            open_path=open_path,
            env_path=env_path,
            content=content_of(open_path),
            user=user,
            temporary=service.temporary_users,
            page=page,
        )


def _web_link(spec: BinderSpec) -> str | None:
    """The page of the repository or record, if its address is one for browsers."""
    if spec.repository.startswith("10."):
        return f"https://doi.org/{quote(spec.repository)}"
    if spec.provider == "swhid":
        return f"https://archive.softwareheritage.org/{spec.repository}"
    if not PROVIDERS[spec.provider].ref_enabled:
        return spec.repository if re.match(r"https?://", spec.repository) else None
    try:
        url = repository_url(spec)
    except HubroamError:
        return None
    return url if re.match(r"https?://", url) else None


class BuildHandler(LaunchHandler):
    """``/build/<provider>/<spec>``: a launch as server-sent events."""

    _work: asyncio.Task[None] | None = None
    _flushing: asyncio.Task[None] | None = None
    _unsent = 0  # bytes

    async def get(self) -> None:
        """Launch, and send every step.

        The status is 200 for failures too: they are events, since a browser's ``EventSource``
        shows a page no other status.
        """
        accepted = {
            part.partition(";")[0].strip()
            for part in self.request.headers.get("Accept", "*/*").split(",")
        }
        if not accepted & _ACCEPTED:
            raise HTTPError(406)
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-cache")
        self.set_header("X-Accel-Buffering", "no")
        self._work = asyncio.create_task(self._stream())
        with suppress(asyncio.CancelledError, StreamClosedError):
            await self._work

    def on_connection_close(self) -> None:
        """Stop following the launch; a build that it started goes on."""
        if self._work is not None:
            self._work.cancel()

    async def _stream(self) -> None:
        beats = asyncio.create_task(self._keep_alive())
        try:
            try:
                request = self._request()
            except HubroamError as error:
                await self._send(failed(error))
            else:
                async with aclosing(self.service.launcher.launch(request)) as events:
                    async for event in events:
                        await self._send(event)
            await asyncio.sleep(self.service.hold_seconds)
        finally:
            beats.cancel()

    def _request(self) -> LaunchRequest:
        """Read what is asked for, and whether it may be.

        Raises:
            SpecError: There is no such spec.
            SignInNeeded: The hub does not know who asks.
            RateLimited: Too many launches from this address.
        """
        service = self.service
        raw = self.raw_spec("build")
        user = self.reader()
        page = self.page()
        token = self.get_query_argument("build_token", "")
        from_page = check_build_token(
            token,
            service.secret,
            spec=self.asked(raw),
            origin=self.request.host,
            user=user,
            page=page,
        )
        if page and not from_page:
            raise LinkError(
                "A session is handed to a page from this hub's launch page only.",
                next_step="Open the launch page in a browser.",
            )
        if not service.temporary_users:
            self._check_reader(user, from_page)
        elif not from_page:
            self._count()
        return LaunchRequest(
            spec=BinderSpec.parse(raw),
            host=self.public_host,
            open_path=self.open_path(),
            user=user,
            env_path=self.env_path(),
            build_only=self.get_query_argument("build_only", "").lower() == "true",
            page=page,
            reader_token=self.hub_auth.get_token(self) if page and user else None,
        )

    def _check_reader(self, user: str | None, from_page: bool) -> None:
        """A cookie alone must not launch: any page could make the browser send it."""
        by_token = "Authorization" in self.request.headers
        if user is None or not (from_page or by_token):
            raise SignInNeeded(
                "This hub launches sessions for readers who are signed in.",
                next_step="Open the launch page in a browser and sign in, "
                "or send an API token of the hub.",
            )

    def _count(self) -> None:
        allowance = self.service.limiter.count(self.request.remote_ip or "")
        if allowance is None:
            return
        for name, value in allowance.headers().items():
            self.set_header(name, value)
        if allowance.refusal:
            raise allowance.refusal

    async def _send(self, event: LaunchEvent) -> None:
        """Send an event; those that come one after the other go together.

        What a slow reader has not taken yet is waited for: nothing heaps up here for them.
        """
        flushing = self._put(event.encode())
        if event.last or self._unsent > _TOGETHER:
            await asyncio.shield(flushing)

    def _put(self, data: bytes) -> asyncio.Task[None]:
        """Write, and see that it is sent; only one task may wait for a connection (Tornado)."""
        self.write(data)
        self._unsent += len(data)
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
        return self._flushing

    async def _flush(self) -> None:
        with suppress(StreamClosedError):  # `on_connection_close` ends all of it
            while self._unsent:
                self._unsent = 0
                await self.flush()

    async def _keep_alive(self) -> None:
        """Send a comment now and then; headers go with the first one at once."""
        while True:
            await asyncio.sleep(self.service.keepalive_seconds)
            self._put(KEEPALIVE)
