"""Time to an answer in the browser, beside the same questions asked one after the other.

Everything is 50 ms away: `benchmarks.delay`. The button of Jupyter Book 2 asks for ``versions``,
then for ``hub/api/``; `_ONE_BY_ONE` does these steps. Both are asked on a first contact, when a
connection takes a round trip too, and "connected", when the page has connections to the hub; and
again on the "next page" of the book, where our control remembers what it found.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks.delay import far_away
from benchmarks.measure import document, in_turn
from hubroam.hub.process import HubProcess
from hubroam.resources import badge_image

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tests"))

from browser.conftest import launch_chromium  # noqa: E402
from support.fileserver import serving  # noqa: E402
from support.places import OPEN, JupyterServer, build_jupyterlite, jupyterhub, write_book  # noqa: E402
from support.software import install  # noqa: E402
from support.together import together  # noqa: E402

ROUND_TRIP = 0.05  # seconds
WAYS = ("connected", "first contact", "next page")

# As many as a browser opens to one host.  An image, as every hub has one there: a connection on
# which a page was "not found" is closed by the browser (opaque response blocking).
_CONNECT = """async (url) => {
  const quietly = { credentials: "omit", mode: "no-cors", cache: "no-store" };
  await Promise.all([1, 2, 3, 4, 5, 6].map((n) => fetch(`${url}favicon.ico?${n}`, quietly)));
}"""

_OURS = "(url) => ask(url)"
_MEMORY = 'const { hubOf, recall, remember } = await import("./web/memory.js");'
_REMEMBER = f"""async (url) => {{
  {_MEMORY}
  const {{ discover }} = await import("./web/discovery.js");
  remember(hubOf(await discover(url)));
}}"""
_REMEMBERED = f"""async () => {{
  {_MEMORY}
  const began = performance.now();
  const [{{ kind }}] = recall();
  return {{ kind, milliseconds: performance.now() - began }};
}}"""
_ONE_BY_ONE = """async (url) => {
  const began = performance.now();
  let kind = "none";
  for (const [path, key, name] of [
    ["versions", "binderhub", "binderhub"],
    ["hub/api/", "version", "jupyterhub"],
  ]) {
    try {
      const response = await fetch(url + path);
      if (key in (await response.json())) {
        kind = name;
        break;
      }
    } catch {
      // as the button does: the next one
    }
  }
  return { kind, milliseconds: performance.now() - began };
}"""
# What a BinderHub answers at /versions, as its documentation shows it.
_VERSIONS = {"builder_info": {"name": "repo2docker", "version": "2024.7.0"}, "binderhub": "1.0.0"}


def run(runs: int) -> dict[str, Any]:
    """Measure everything.

    Args:
        runs: Rounds; each asks every hub once in each way.

    Returns:
        The benchmark's document, and in ``answers`` what each way made of each hub.
    """
    with (
        tempfile.TemporaryDirectory(prefix="hubroam-benchmark-") as name,
        _hubs(Path(name)) as urls,
    ):
        return compare(urls, runs)


@contextmanager
def _hubs(folder: Path) -> Iterator[dict[str, str]]:
    """One of each kind; gives their URLs."""
    cache = folder / "software"
    cache.mkdir()
    (folder / "site").mkdir()
    build_jupyterlite(folder / "site", cache, {"README.md": "A site"})
    started: dict[str, AbstractContextManager[Any]] = {
        "JupyterHub 6": jupyterhub("6.1", folder / "6.1", cache, nbgitpuller=True),
        "JupyterHub 5.2": jupyterhub("5.2", folder / "5.2", cache, nbgitpuller=True),
        "Jupyter server": JupyterServer(folder / "server", python=install("jupyterhub-6.1", cache)),
    }
    with (
        HubProcess(folder / "hub") as ours,
        together(started) as hubs,
        serving(folder / "site", OPEN) as site,
        binderhub(folder / "binderhub") as recorded,
    ):
        (folder / "site" / "site" / "favicon.ico").write_bytes(badge_image())
        yield {
            "hubroam": ours,
            "BinderHub": recorded,
            **{name: each.url for name, each in hubs.items()},
            "JupyterLite": f"{site}site/",
        }


@contextmanager
def binderhub(folder: Path) -> Iterator[str]:
    """A server with the answers of a BinderHub, which no registry has; gives its URL."""
    folder.mkdir()
    (folder / "versions").write_text(json.dumps(_VERSIONS))
    for image in ("badge_logo.svg", "favicon.ico"):
        (folder / image).write_bytes(badge_image())
    with serving(folder, OPEN | {"Cache-Control": "no-cache"}) as url:  # its answers have no age
        yield url


def compare(urls: Mapping[str, str], runs: int) -> dict[str, Any]:
    """Ask hubs in both ways.

    Args:
        urls: By the hub's name.
        runs: Rounds.

    Returns:
        As `run`.
    """
    answers: dict[str, str] = {}
    measurements: dict[str, Callable[[], float]] = {}
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        write_book(Path(name))
        page = f"{stack.enter_context(serving(Path(name)))}page.html"
        browser = launch_chromium(stack.enter_context(sync_playwright()))
        stack.callback(browser.close)
        for hub, url in urls.items():
            far = stack.enter_context(far_away(url, round_trip=ROUND_TRIP))
            for way in WAYS:
                for how in ("ours", "one by one"):
                    label = f"{hub}, {way}: {how}"
                    steps = _steps(way, ours=how == "ours")
                    measurements[label] = _asking(browser, page, steps, far, label, answers)
        found = in_turn(measurements, runs)
    pairs = {
        f"{hub}, {way}: one by one / ours": (f"{hub}, {way}: one by one", f"{hub}, {way}: ours")
        for hub in urls
        for way in WAYS
        if answers[f"{hub}, {way}: one by one"] != "none"
    }
    return {**document("discovery", runs, found, pairs), "answers": answers}


def _steps(way: str, *, ours: bool) -> list[str | None]:
    """What is done in a page; the last is measured, and None goes to the next page."""
    question = _OURS if ours else _ONE_BY_ONE
    if way == "next page":
        return [_REMEMBER, None, _REMEMBERED] if ours else [_CONNECT, question, None, question]
    return [_CONNECT, question] if way == "connected" else [question]


def _asking(
    browser: Browser,
    page: str,
    steps: list[str | None],
    url: str,
    label: str,
    answers: dict[str, str],
) -> Callable[[], float]:
    """What asks once, in a browser that has met the hub never before, and keeps the last answer."""

    def ask() -> float:
        context = browser.new_context()
        try:
            tab = context.new_page()
            tab.goto(page)
            found = [tab.evaluate(step, url) if step else tab.goto(page) for step in steps][-1]
        finally:
            context.close()
        answers[label] = found["kind"]
        seconds: float = found["milliseconds"] / 1000
        print(f"{label}: {found['kind']}, {seconds:.3f} s", file=sys.stderr, flush=True)
        return seconds

    return ask
