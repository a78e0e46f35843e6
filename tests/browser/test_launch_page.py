"""The launch page and the error page in a real browser, against scripted launches."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, PackageLoader
from playwright.sync_api import Locator, Page, expect
from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler, StaticFileHandler

import hubroam.binder
from browser import axe
from hubroam.binder.base import _PAGE_POLICY
from hubroam.errors import PathNotFound, ResolutionFailed
from hubroam.events import KEEPALIVE, LaunchEvent, failed
from hubroam.resources import web_folder

pytestmark = pytest.mark.browser

NewPage = Callable[..., Page]
HELD = "held"  # in a script: say no more, but keep the connection
DROPPED = "dropped"  # in a script: close it in the middle
Script = list[LaunchEvent | str]

FOUND: Script = [
    LaunchEvent("fetching", "Looking up main in ada/book\n"),
    LaunchEvent("fetching", "Commit 0123456789abcdef0123456789abcdef01234567\n"),
]
BUILDING: Script = [
    LaunchEvent("waiting", "Waiting for a place to build\n"),
    LaunchEvent("building", "Installing requirements.txt\n"),
    LaunchEvent(None, " + numpy==2.1.0\n"),
    LaunchEvent(None, " + \x1b[32mpandas\x1b[0m==2.2.2\n"),
    LaunchEvent(None, "10%\r55%\r100% downloaded\n"),
]
BUILT = LaunchEvent("built", "The environment is built, launching…\n", {"cached": False})
REUSED = LaunchEvent("built", "The environment was built before…\n", {"cached": True})
LAUNCHING = LaunchEvent("launching", "Starting the session.\n")
NO_RESOLUTION = failed(
    ResolutionFailed(
        "No version of nummpy serves requirements.txt, line 3.",
        next_step="Tell the book's author: is the name of the package right?",
    )
)
NO_FILE = failed(
    PathNotFound(
        "There is no file intro.ipynb in ada/book at main.",
        next_step="Tell the book's author, or open the session without a file.",
    )
)


@dataclass
class Hub:
    """A hub of which only the pages are real.

    Attributes:
        scripts: What each connection to the event stream is told; the last one serves for all
            that come after.
        connections: The build tokens of the connections so far.
        page: What the page shows otherwise than usual.
        left: Set when a browser has closed its connection to the event stream.
        opens: Whether a started session answers with a page (else the browser stays where it is).
    """

    url: str = ""
    scripts: list[Script] = field(default_factory=list)
    connections: list[str] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)
    pages: int = 0
    page: dict[str, Any] = field(default_factory=dict)
    opens: bool = False

    def ready(self, token: str = "s3cret") -> LaunchEvent:
        url = f"{self.url}/user/x/"
        return LaunchEvent("ready", f"Server running at {url}\n", {"url": url, "token": token})


class _Handler(RequestHandler):
    @property
    def hub(self) -> Hub:
        hub: Hub = self.settings["hub"]
        return hub

    def render_page(self, name: str, **variables: Any) -> None:
        self.set_header("Content-Security-Policy", _PAGE_POLICY)
        template = self.settings["templates"].get_template(name)
        self.finish(
            template.render(
                base_url="/",
                static_url="/services/binder/static/",
                hub_name="Institute of Testing",
                hub_url="/",
                **variables,
            )
        )


class _PageHandler(_Handler):
    def get(self) -> None:
        self.hub.pages += 1
        open_path = "doc/tree/chapters/intro%20one.ipynb?x=1"
        variables = {
            "spec": "gh/ada/book/main",
            "provider_name": "GitHub",
            "repository": "ada/book",
            "ref": "main",
            "repo_link": f"{self.hub.url}/repo",
            "build_url": f"/build/gh/ada/book/main?build_token=t{self.hub.pages}",
            "open_path": open_path if self.request.query else "",
            "user": None,
            "temporary": True,
        }
        self.render_page("launch.html", **(variables | self.hub.page))


class _ErrorHandler(_Handler):
    def get(self) -> None:
        self.render_page(
            "error.html",
            status=400,
            message="<b>gh/ada</b> is no spec.",
            next_step="Give gh/<user>/<repo>/<ref>.",
        )


class _BuildHandler(_Handler):
    def on_connection_close(self) -> None:
        self.hub.left.set()

    async def get(self) -> None:
        hub = self.hub
        hub.connections.append(self.get_query_argument("build_token"))
        script = hub.scripts.pop(0) if len(hub.scripts) > 1 else hub.scripts[0]
        self.set_header("Content-Type", "text/event-stream")
        self.write(KEEPALIVE)
        try:
            for event in script:
                if event == DROPPED:
                    return
                if event == HELD:
                    await self.flush()
                    await asyncio.Event().wait()
                assert isinstance(event, LaunchEvent)
                self.write(event.encode())
            await self.flush()
            # held as the service does: a browser that does not close would connect again
            await asyncio.Event().wait()
        except (StreamClosedError, asyncio.CancelledError):
            return  # the reader left, or the test is over


class _SessionHandler(_Handler):
    def get(self) -> None:
        if self.hub.opens:
            self.finish('<title>A session</title><link rel="icon" href="data:,">')
        else:
            self.set_status(204)


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()
    started = threading.Event()
    stop: list[Callable[[], None]] = []

    async def serve() -> None:
        static = Path(hubroam.binder.__file__).parent / "static"
        application = Application(
            [
                ("/v2/.*", _PageHandler),
                ("/error", _ErrorHandler),
                ("/build/.*", _BuildHandler),
                ("/user/.*", _SessionHandler),
                ("/services/binder/static/web/(.*)", StaticFileHandler, {"path": web_folder()}),
                ("/services/binder/static/(.*)", StaticFileHandler, {"path": static}),
            ],
            hub=hub,
            templates=Environment(loader=PackageLoader("hubroam.binder"), autoescape=True),
            log_function=lambda handler: None,
        )
        server = HTTPServer(application)
        socket, port = bind_unused_port()
        server.add_socket(socket)
        hub.url = f"http://127.0.0.1:{port}"
        end = asyncio.Event()
        loop = asyncio.get_running_loop()
        stop.append(lambda: loop.call_soon_threadsafe(end.set))
        started.set()
        await end.wait()
        server.stop()
        await server.close_all_connections()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert started.wait(10)
    yield hub
    stop[0]()
    thread.join(10)
    assert not thread.is_alive()


def open_launch(page: Page, hub: Hub, *scripts: Script, query: str = "") -> None:
    hub.scripts = list(scripts)
    page.goto(f"{hub.url}/v2/gh/ada/book/main{query}")


def state_is(page: Page, state: str) -> None:
    expect(page.locator("main")).to_have_attribute("data-state", state)


def steps_are(page: Page, **states: str) -> None:
    for name, state in states.items():
        step = page.locator(f"#steps li[data-step={name}]")
        expect(step).to_have_attribute("data-state", state)


def no_overflow(page: Page) -> None:
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]


def contrast(element: Locator) -> float:
    """The contrast of an element's text with what is behind it (WCAG 2.2, 1.4.3)."""
    return float(
        element.evaluate(
            """element => {
              const light = colour => {
                const parts = colour.match(/[\\d.]+/g).slice(0, 3).map(part => {
                  const value = part / 255;
                  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
                });
                return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
              };
              let behind = element;
              const none = "rgba(0, 0, 0, 0)";
              while (getComputedStyle(behind).backgroundColor === none) {
                behind = behind.parentElement;
              }
              const colours = [
                getComputedStyle(element).color, getComputedStyle(behind).backgroundColor,
              ];
              const pair = colours.map(light).sort((a, b) => b - a);
              return (pair[0] + 0.05) / (pair[1] + 0.05);
            }"""
        )
    )


def test_a_launch_with_a_build_opens_the_session_on_its_file(hub: Hub, new_page: NewPage) -> None:
    page = new_page()
    hub.opens = True
    open_launch(
        page,
        hub,
        [*FOUND, *BUILDING, BUILT, LAUNCHING, hub.ready()],
        query="?labpath=chapters/intro%20one.ipynb",
    )
    expect(page).to_have_title("A session")
    assert page.url == f"{hub.url}/user/x/doc/tree/chapters/intro%20one.ipynb?x=1&token=s3cret"
    assert hub.connections == ["t1"]


def test_the_page_says_what_it_opens_and_how_far_it_is(hub: Hub, new_page: NewPage) -> None:
    page = new_page()
    open_launch(page, hub, [*FOUND, *BUILDING, HELD], query="?labpath=x")
    steps_are(page, find="done", build="active", start="pending", open="pending")
    expect(page.locator("h1")).to_have_text("ada/book")
    expect(page.locator(".what")).to_contain_text("chapters/intro one.ipynb")
    expect(page.locator(".what")).to_contain_text("main")
    expect(page.locator(".eyebrow")).to_have_text("Opening on Institute of Testing")
    expect(page.locator("#steps li[data-step=build]")).to_contain_text("Working")
    expect(page.locator("#steps li[data-step=build]")).to_have_attribute("aria-current", "step")
    expect(page.locator("#phase")).to_have_text("Building the environment")
    expect(page.locator("#message")).to_have_text("100% downloaded")
    expect(page).to_have_title("Building the environment · ada/book")
    state_is(page, "working")


def test_ready_leaves_a_link(hub: Hub, new_page: NewPage) -> None:
    page = new_page()
    open_launch(page, hub, [*FOUND, *BUILDING, BUILT, LAUNCHING, hub.ready(token="")])
    state_is(page, "ready")
    steps_are(page, find="done", build="done", start="done", open="done")
    expect(page.get_by_role("link", name="Open the session")).to_have_attribute(
        "href", f"{hub.url}/user/x/"
    )
    expect(page).to_have_title("Opening the session · ada/book")


def test_a_reused_environment_is_told(hub: Hub, new_page: NewPage) -> None:
    page = new_page()
    open_launch(page, hub, [*FOUND, REUSED, LAUNCHING, hub.ready()])
    state_is(page, "ready")
    steps_are(page, find="done", build="reused", start="done", open="done")
    expect(page.locator("#steps li[data-step=build]")).to_contain_text("Reused")


def test_the_token_stays_with_the_session(hub: Hub, new_page: NewPage) -> None:
    page = new_page()
    hub.page = {"open_path": "//elsewhere.example/x?token=mine"}
    open_launch(page, hub, [REUSED, LAUNCHING, hub.ready()])
    expect(page.locator("#open-session")).to_have_attribute(
        "href", f"{hub.url}/user/x/?token=s3cret"
    )


def test_a_session_without_a_web_address_is_refused(hub: Hub, new_page: NewPage) -> None:
    page = new_page()
    ready = LaunchEvent("ready", "Ready\n", {"url": "javascript:alert(1)", "token": "t"})
    open_launch(page, hub, [LAUNCHING, ready])
    state_is(page, "failed")
    expect(page.locator("#failure")).to_contain_text("no address")


def test_a_failure_says_what_to_do_and_keeps_its_log(hub: Hub, new_page: NewPage) -> None:
    page = new_page()
    open_launch(page, hub, [*FOUND, *BUILDING, NO_RESOLUTION])
    state_is(page, "failed")
    steps_are(page, find="done", build="failed", start="pending", open="pending")
    expect(page.get_by_role("alert")).to_contain_text("No version of nummpy")
    expect(page.locator("#next-step")).to_contain_text("Tell the book's author")
    expect(page.locator("#log")).to_be_visible()
    expect(page.locator("#log")).to_contain_text("numpy==2.1.0\n + pandas==2.2.2\n100% downloaded")
    expect(page.get_by_role("link", name="Look at the repository")).to_be_visible()
    expect(page.get_by_role("link", name="without the file")).to_be_hidden()
    expect(page).to_have_title("The launch failed · ada/book")


def test_retry_launches_again_below_the_old_log(hub: Hub, new_page: NewPage) -> None:
    page = new_page()
    open_launch(
        page,
        hub,
        [*FOUND, *BUILDING, NO_RESOLUTION],
        [*FOUND, LaunchEvent(None, "second time\n"), BUILT, LAUNCHING, hub.ready()],
    )
    page.get_by_role("button", name="Retry").click()
    state_is(page, "ready")
    steps_are(page, find="done", build="done", open="done")
    expect(page.locator("#failure")).to_be_empty()
    expect(page.locator("#retry")).to_be_hidden()
    expect(page.locator("#log")).to_contain_text(
        re.compile("nummpy.*Try 2.*second time", re.DOTALL)
    )
    assert hub.pages == 1


def test_retry_on_an_old_page_takes_a_new_token(hub: Hub, new_page: NewPage) -> None:
    page = new_page()
    page.clock.install()
    open_launch(page, hub, [NO_RESOLUTION], [REUSED, LAUNCHING, hub.ready()])
    state_is(page, "failed")
    page.clock.fast_forward("04:30")
    page.get_by_role("button", name="Retry").click()
    state_is(page, "ready")
    expect(page.locator("#log")).to_contain_text("nummpy")
    assert hub.connections == ["t1", "t2"]


def test_a_missing_file_can_be_left_out(hub: Hub, new_page: NewPage) -> None:
    page = new_page()
    script = [*FOUND, NO_FILE]
    open_launch(page, hub, script, [HELD], query="?labpath=intro.ipynb&other=1")
    page.get_by_role("link", name="Open the session without the file").click()
    expect(page).to_have_url(f"{hub.url}/v2/gh/ada/book/main?other=1")
    state_is(page, "working")


def test_a_lost_connection_is_taken_up_again(hub: Hub, new_page: NewPage) -> None:
    page = new_page(errors=True)  # the browser reports the loss as an error
    page.clock.install()
    open_launch(
        page,
        hub,
        [*FOUND, *BUILDING, DROPPED],
        [*FOUND, DROPPED],
        [*FOUND, *BUILDING, BUILT, LAUNCHING, hub.ready()],
    )
    expect(page.locator("#phase")).to_have_text("Connection lost, trying again (1 of 5)")
    steps_are(page, build="active")
    page.clock.run_for(1000)
    expect(page.locator("#phase")).to_have_text("Connection lost, trying again (2 of 5)")
    steps_are(page, build="active")
    page.clock.run_for(2000)
    state_is(page, "ready")


def test_a_stream_told_again_leads_back_no_step(hub: Hub, new_page: NewPage) -> None:
    page = new_page(errors=True)
    page.clock.install()
    open_launch(
        page,
        hub,
        [*FOUND, *BUILDING, BUILT, LAUNCHING, DROPPED],
        [*FOUND, *BUILDING, HELD],
    )
    expect(page.locator("#phase")).to_contain_text("(1 of 5)")
    page.clock.run_for(1000)
    expect(page.locator("#message")).to_have_text("100% downloaded")
    steps_are(page, find="done", build="done", start="active", open="pending")


@pytest.mark.parametrize("end", ["failed", "ready"])
def test_the_page_closes_the_stream_at_the_end(hub: Hub, new_page: NewPage, end: str) -> None:
    page = new_page()
    open_launch(page, hub, [*FOUND, NO_RESOLUTION if end == "failed" else hub.ready()])
    state_is(page, end)
    assert hub.left.wait(10)
    assert len(hub.connections) == 1


def test_a_connection_lost_for_good_is_a_failure_with_a_retry(hub: Hub, new_page: NewPage) -> None:
    page = new_page(errors=True)
    page.clock.install()
    open_launch(page, hub, [DROPPED])
    for loss in range(1, 6):
        expect(page.locator("#phase")).to_contain_text(f"({loss} of 5)")
        page.clock.run_for(1000 * 2 ** (loss - 1))
    state_is(page, "failed")
    expect(page.locator("#failure")).to_contain_text("The connection to the hub was lost.")
    assert len(hub.connections) == 6
    hub.scripts = [[REUSED, LAUNCHING, hub.ready()]]
    page.get_by_role("button", name="Retry").click()
    state_is(page, "ready")


def test_times_and_the_hint_of_a_long_build(hub: Hub, new_page: NewPage) -> None:
    page = new_page()
    page.clock.install()
    open_launch(page, hub, [*FOUND, *BUILDING, HELD])
    steps_are(page, build="active")
    expect(page.locator("#hint")).to_be_hidden()
    page.clock.run_for(75_000)
    expect(page.locator("#hint")).to_be_visible()
    expect(page.locator("#elapsed")).to_have_text("1 min 15 s")
    expect(page.locator("#steps li[data-step=build] .time")).to_have_text("1 min 15 s")


def test_five_thousand_lines_are_followed(hub: Hub, new_page: NewPage) -> None:
    page = new_page()
    lines: Script = [LaunchEvent(None, f"line {number}\n") for number in range(5000)]
    open_launch(page, hub, [*FOUND, *BUILDING, *lines, HELD])
    expect(page.locator("#log-size")).to_have_text("5007 lines")
    page.locator("summary").click()
    page.wait_for_function(
        "() => { const log = document.getElementById('log');"
        " return log.scrollTop > 0 && log.scrollHeight - log.scrollTop - log.clientHeight < 2 }"
    )
    expect(page.locator("#message")).to_have_text("line 4999")


def test_endless_lines_do_not_stop_the_page(hub: Hub, new_page: NewPage) -> None:
    page = new_page()
    endless = ["x" * 400_000, "\r" * 400_000 + "x", "\x1b[" + "0" * 400_000, "kept\r\r\n"]
    lines: Script = [LaunchEvent(None, text) for text in endless]
    open_launch(page, hub, [*lines, LaunchEvent("building", "after\n"), HELD])
    expect(page.locator("#message")).to_have_text("after")
    expect(page.locator("#log")).to_contain_text("kept\nafter")


def test_a_reader_who_scrolled_up_is_left_there(hub: Hub, new_page: NewPage) -> None:
    page = new_page()
    lines: Script = [LaunchEvent(None, f"line {number}\n") for number in range(500)]
    open_launch(page, hub, [*lines, NO_RESOLUTION], [*lines, NO_RESOLUTION])
    state_is(page, "failed")
    log = page.locator("#log")
    to_end = "log.scrollHeight - log.scrollTop - log.clientHeight"
    assert log.evaluate(f"log => {to_end}") < 2
    log.evaluate(
        "log => new Promise(done => { log.addEventListener('scroll', done, {once: true});"
        " log.scrollTop = 100 })"
    )
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("#log")).to_contain_text(re.compile("Try 2.*nummpy", re.DOTALL))
    assert log.evaluate("log => log.scrollTop") == 100


def test_the_log_can_be_copied(hub: Hub, new_page: NewPage) -> None:
    page = new_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_launch(page, hub, [*FOUND, NO_RESOLUTION])
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert "Looking up main in ada/book\n" in page.evaluate("navigator.clipboard.readText()")


def test_all_of_a_failed_page_is_reached_by_keyboard(hub: Hub, new_page: NewPage) -> None:
    page = new_page()
    open_launch(page, hub, [*FOUND, NO_FILE], [HELD], query="?labpath=x")
    state_is(page, "failed")
    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.id || document.activeElement.textContent")
        )
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert reached == [
        "Institute of Testing",
        "GitHub",
        "retry",
        "without-file",
        "repository",
        "Log 4 lines",
        "copy",
        "log",
    ]
    page.locator("#retry").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#phase")).to_be_focused()


def test_only_phases_are_read_out(hub: Hub, new_page: NewPage) -> None:
    page = new_page()
    open_launch(page, hub, [*FOUND, *BUILDING, HELD])
    steps_are(page, build="active")
    live = "elements => elements.map(element => element.id)"
    assert page.eval_on_selector_all(
        ":is([aria-live], [role=status], [role=log], [role=alert]):not([data-roam] *)", live
    ) == ["phase", "failure"]


def test_nothing_turns_for_who_wants_no_motion(hub: Hub, new_page: NewPage) -> None:
    page = new_page()
    open_launch(page, hub, [*FOUND, *BUILDING, HELD])
    steps_are(page, build="active")
    arc = page.locator("#steps li[data-step=build] .arc")
    expect(arc).to_have_css("animation-name", "turn")
    page.emulate_media(reduced_motion="reduce")
    expect(arc).to_have_css("animation-name", "none")


@pytest.mark.parametrize("dark", [False, True])
def test_texts_are_legible(hub: Hub, new_page: NewPage, dark: bool) -> None:
    page = new_page(dark=dark)
    open_launch(page, hub, [*FOUND, *BUILDING, NO_RESOLUTION])
    state_is(page, "failed")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(19, 22, 24)") == dark
    texts = page.locator(
        "h1, h2, .eyebrow, dt, dd, .state, .label, .time, #elapsed, #sentence, #next-step,"
        " #retry, .actions a:visible, summary, #log-size, #log, .small"
    )
    assert texts.count() > 20
    for element in texts.all():
        assert contrast(element) >= 4.5, element


@pytest.mark.registry
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(hub: Hub, new_page: NewPage, width: int, dark: bool) -> None:
    # the page's policy is for its readers; axe is brought in by the test
    page = new_page(width=width, dark=dark, bypass_csp=True)
    for state, last in {"working": HELD, "failed": NO_RESOLUTION, "ready": hub.ready()}.items():
        open_launch(page, hub, [*FOUND, *BUILDING, last])
        state_is(page, state)
        axe.check(page)
        page.locator("#log-details").evaluate("details => { details.open = true }")
        axe.check(page)
    page.goto(f"{hub.url}/error")
    axe.check(page)


@pytest.mark.parametrize("end", [HELD, "failed", "ready"])
def test_a_phone_scrolls_only_down(hub: Hub, new_page: NewPage, end: str) -> None:
    page = new_page(width=360)
    name = "https://git.example.org/" + "averyverylongname" * 8 + "/book.git"
    hub.page = {"repository": name, "ref": "f" * 90, "user": "u" * 60}
    long = LaunchEvent(None, "x" * 900 + "\n")
    last = {"failed": NO_RESOLUTION, "ready": hub.ready(), HELD: HELD}[end]
    open_launch(page, hub, [*FOUND, *BUILDING, long, last], query="?labpath=x")
    state_is(page, "working" if end == HELD else end)
    expect(page.locator("h1")).to_have_text(name)
    page.locator("#log-details").evaluate("details => { details.open = true }")
    expect(page.locator("#log")).to_contain_text("xxxx")
    no_overflow(page)


def test_hostile_text_stays_text(hub: Hub, new_page: NewPage) -> None:
    page = new_page()
    nasty = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
    hub.page = {"repository": nasty, "ref": nasty, "spec": nasty}
    failure = LaunchEvent("failed", nasty, {"next_step": nasty})
    open_launch(page, hub, [LaunchEvent("fetching", nasty), failure])
    expect(page.locator("#failure")).to_contain_text(nasty)
    expect(page.locator("h1")).to_have_text(nasty)
    assert page.locator("main img, main script").count() == 0


def test_a_stream_of_another_kind_does_no_harm(hub: Hub, new_page: NewPage) -> None:
    page = new_page()
    odd: Script = [
        LaunchEvent("waiting", "BinderHub waits first\n"),
        LaunchEvent("unknown", "what is this\n", {"message": 7}),
        LaunchEvent(None, "", {"phase": {"no": "text"}}),
        LaunchEvent("fetching", "Fetching\n"),
        LaunchEvent("built", "Found built image, launching...\n"),
        LaunchEvent("launching", "Launching\n"),
        hub.ready(),
    ]
    open_launch(page, hub, odd)
    state_is(page, "ready")
    steps_are(page, find="done", build="reused", start="done", open="done")


def test_without_javascript_the_page_says_what_it_needs(hub: Hub, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    open_launch(page, hub, [HELD])
    notice = page.locator("noscript p")  # whose text Playwright does not read
    expect(notice).to_be_visible()
    assert notice.bounding_box()["height"] > 20
    expect(page.locator("#steps")).to_be_hidden()
    context.close()


def test_the_error_page_says_what_to_do(hub: Hub, new_page: NewPage) -> None:
    page = new_page(width=360)
    page.goto(f"{hub.url}/error")
    expect(page.locator("h1")).to_have_text("<b>gh/ada</b> is no spec.")
    expect(page.locator("#next-step")).to_have_text("Give gh/<user>/<repo>/<ref>.")
    expect(page.get_by_role("link", name="Go to the hub")).to_be_visible()
    no_overflow(page)


@pytest.mark.parametrize("name", ["badge.svg", "badge_logo.svg"])
def test_badges_have_the_size_that_pages_expect(hub: Hub, new_page: NewPage, name: str) -> None:
    page = new_page()
    page.goto(f"{hub.url}/error")
    size = page.evaluate(
        "async src => { const image = new Image(); image.src = src; await image.decode();"
        " return [image.naturalWidth, image.naturalHeight] }",
        f"/services/binder/static/{name}",
    )
    assert size == [109, 20]
