"""The launch control for everybody: WCAG 2.2 AA by axe-core, keys, languages, directions, looks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from browser import axe
from hubroam.resources import web_modules
from support.book import CONTROL, Book
from support.website import Website, binderhub, document, profiled, secret_server

pytestmark = [pytest.mark.browser, pytest.mark.registry]

NewPage = Callable[..., Page]
Serve = Callable[..., Website]
LANGUAGES = ["en", *(n[5:7] for n in web_modules() if n.startswith("lang-"))]
DARK = "body { color: #eee; background: #111 } main { padding: 1rem }"
STATES = ["new", "dialog", "asking", "found", "failed", "unknown", "broken", "chosen", "list"]


def said(page: Page) -> Locator:
    return page.locator("hub-launch .status:not(dialog *)")


def reach(page: Page, serve: Serve, state: str, html: str = 'lang="en"', style: str = "") -> None:
    """Bring a book's page into a state of the control's; texts of any language do."""
    suggested = serve(profiled("University of Examples, Faculty of Long Names and Short Words"))
    hub = serve(secret_server() if state == "unknown" else binderhub())
    if state == "failed":
        hub = serve({**dict.fromkeys(["/versions", "/hub/api/"], document([])), "/": document(1)})
    repo = "nonsense" if state == "broken" else "ada/book"
    site = serve(
        Book(
            {"/": f'<hub-launch repo="{repo}" hub="{suggested.url}"></hub-launch>'},
            html=html,
            style=style or Book.style,
        )
    )
    page.goto(site.url)
    page.evaluate("addEventListener('launch', event => event.preventDefault())")
    if state == "broken":
        expect(said(page)).not_to_be_empty()
    if state in ("new", "broken"):
        return
    if state == "asking":
        hub.hold.set()
    page.locator(".launch").click()
    expect(page.locator("dialog img")).to_have_js_property("naturalWidth", 64)
    if state == "dialog":
        return
    page.locator("#address").fill(hub.url)
    page.locator("#address").press("Enter")
    answer = page.locator("#answer")
    if state == "asking":
        assert hub.asked.wait(10)
    elif state in ("failed", "unknown"):
        expect(answer.locator("b")).not_to_be_empty(timeout=15_000)
    else:
        expect(page.locator("dialog")).to_have_count(0)
        if state == "chosen":  # by a suggestion, which is known by now
            page.locator(".launch").click()
            page.locator(".change").click()
            page.locator(".choice", has_text="Examples").click()
            expect(page.locator(".hub")).to_contain_text("Examples")
        if state == "list":
            page.locator(".change").click()
            expect(page.locator(".choice")).to_have_count(2)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(
    new_page: NewPage, serve: Serve, state: str, width: int, dark: bool
) -> None:
    page = new_page(width=width, dark=dark, refusals=True)
    reach(page, serve, state)
    assert len(axe.check(page)) > 10
    no_overflow(page)


def no_overflow(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if page.locator("dialog").count():
        assert page.locator("dialog").evaluate("d => d.scrollWidth <= d.clientWidth")


@pytest.mark.parametrize("state", ["list", "unknown"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_a_phone_scrolls_only_down(
    new_page: NewPage, serve: Serve, language: str, direction: str, state: str
) -> None:
    page = new_page(width=320, refusals=True)  # WCAG 2.2, 1.4.10
    reach(page, serve, state, html=f'lang="{language}" dir="{direction}"')
    no_overflow(page)


def test_a_dark_book_that_says_nothing_of_its_colour_scheme(
    new_page: NewPage, serve: Serve
) -> None:
    page = new_page(refusals=True)
    reach(page, serve, "found", style=DARK)
    axe.check(page)


def test_targets_are_large_enough(new_page: NewPage, serve: Serve) -> None:
    page = new_page(width=390, refusals=True)
    for state in ("chosen", "unknown", "list"):
        reach(page, serve, state)
        # at one moment: a suggestion is written anew when its hub has answered
        sizes = page.locator("hub-launch :is(button, input)").evaluate_all(
            "all => all.map(each => [each.offsetWidth, each.offsetHeight, each.className])"
        )
        shown = [size for size in sizes if size[0]]
        assert shown
        assert [size for size in shown if min(size[:2]) < 24] == []  # WCAG 2.2, 2.5.8


def focused(page: Page) -> str:
    """The part that has the focus."""
    return str(
        page.evaluate(
            "document.querySelector('hub-launch').shadowRoot.activeElement?.className ?? ''"
        )
    )


def test_by_keys_alone(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)
    reach(page, serve, "found")
    page.locator("h1").click()
    order = []
    for _ in range(4):
        page.keyboard.press("Tab")
        order.append(focused(page))
    assert order[:3] == ["main launch", "quiet change", "quiet copy"]

    page.locator(".change").focus()
    page.keyboard.press("Enter")
    assert focused(page) == "input"
    order = []
    for _ in range(6):
        page.keyboard.press("Tab")
        order.append(focused(page))
    inside = ["main submit", "quiet cancel", "quiet forget", "quiet handler"]
    assert order[:4] == inside
    assert order[4] in ("", "choice")  # the browser's own controls, or round again
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    assert focused(page) == "quiet change"  # who opened it

    page.locator(".launch").focus()
    page.keyboard.press("Space")
    assert focused(page) == "main launch"
    page.locator(".change").press("Enter")
    page.keyboard.press("Shift+Tab")
    assert focused(page) == "choice"
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_have_count(0)


def test_what_changes_is_announced(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)
    reach(page, serve, "unknown")
    assert page.locator("#answer").get_attribute("role") == "status"
    described = page.locator("#address").get_attribute("aria-describedby") or ""
    assert "answer" in described.split()
    expect(page.get_by_role("dialog", name="Where do you want to run it?")).to_be_visible()
    assert said(page).get_attribute("role") == "status"


@pytest.mark.parametrize("state", ["list", "chosen"])
def test_forced_colours(new_page: NewPage, serve: Serve, state: str) -> None:
    page = new_page(forced_colors="active", refusals=True)
    reach(page, serve, state)
    for part in page.locator("hub-launch :is(.main, input, .choice):visible").all():
        assert part.evaluate("part => getComputedStyle(part).borderStyle") == "solid"


def test_nothing_moves(new_page: NewPage, serve: Serve) -> None:
    """There is no motion that a reader who wants none would have to be spared."""
    page = new_page(refusals=True)
    reach(page, serve, "list")
    moving = page.locator("hub-launch *").evaluate_all(
        "all => all.filter(each => { const style = getComputedStyle(each);"
        " return style.animationName !== 'none' || style.transitionDuration !== '0s' }).length"
    )
    assert moving == 0
    assert page.evaluate("document.getAnimations().length") == 0


WORDS = {"en": "Launch", "de": "Starten", "es": "Iniciar", "fr": "Lancer"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("html", "body"),
    [
        ('lang="{}"', CONTROL),
        ('lang="{}-XX"', CONTROL),
        ('lang="ja"', '<section lang="{}">' + CONTROL + "</section>"),
        ('lang="ja"', CONTROL.replace("repo", 'lang="{}" repo')),
    ],
    ids=["page", "region", "ancestor", "element"],
)
def test_languages(new_page: NewPage, serve: Serve, html: str, body: str, language: str) -> None:
    page = new_page()
    page.goto(serve(Book({"/": body.format(language)}, html=html.format(language))).url)
    launch = page.locator(".launch")
    expect(launch).to_have_text(WORDS[language])
    expect(launch).to_have_attribute("lang", language)
    launch.click()
    expect(page.locator("dialog")).to_have_attribute("lang", language)
    expect(page.get_by_text("Your hub’s address")).to_have_count(int(language == "en"))


def test_a_language_that_is_not_there_is_english_and_says_so(
    new_page: NewPage, serve: Serve
) -> None:
    page = new_page()
    page.goto(serve(Book({"/": CONTROL}, html='lang="ar" dir="rtl"')).url)
    expect(page.locator(".launch")).to_have_text("Launch")
    expect(page.locator(".launch")).to_have_attribute("lang", "en")
    page.evaluate("document.querySelector('hub-launch').setAttribute('label', 'ابدأ')")
    expect(page.locator(".launch")).to_have_text(
        "ابدأ"
    )  # the author's word, in the page's language
    assert page.locator(".launch").get_attribute("lang") is None


def test_a_control_in_a_shadow_root_speaks_the_pages_language(
    new_page: NewPage, serve: Serve
) -> None:
    page = new_page()
    page.goto(serve(Book({"/": "<div></div>"}, html='lang="de"')).url)
    page.evaluate(
        "document.querySelector('div').attachShadow({ mode: 'open' })"
        ".append(document.createElement('hub-launch'))"
    )
    expect(page.locator(".launch")).to_have_text("Starten")


def test_languages_may_change_and_be_slow(new_page: NewPage, serve: Serve) -> None:
    """The button works before its texts are there, and the last language asked for wins."""
    page = new_page()
    site = serve(Book({"/": CONTROL}))
    page.goto(site.url)
    site.hold.set()
    page.evaluate("document.querySelector('hub-launch').lang = 'fr'")
    assert site.asked.wait(10)
    expect(page.locator(".launch")).to_have_text("Launch")
    page.evaluate("document.querySelector('hub-launch').lang = 'en'")
    with page.expect_response("**/lang-fr.js") as answer:
        site.released.set()
    answer.value.finished()
    page.evaluate("import('./lang-fr.js')")  # after the control's own import of it
    expect(page.locator(".launch")).to_have_text("Launch")
    page.evaluate("document.querySelector('hub-launch').lang = 'fr'")
    expect(page.locator(".launch")).to_have_text("Lancer")


def test_texts_that_do_not_come_are_english(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)
    book = Book({"/": CONTROL}, html='lang="de"')
    page.goto(serve(lambda path: None if "lang-" in path else book(path)).url)
    expect(page.locator(".launch")).to_have_text("Launch")
    page.locator(".launch").click()
    expect(page.get_by_label("Your hub’s address")).to_be_visible()


PROPERTIES = {
    "accent": (".launch .mark", "background-color", "rgb(1, 2, 3)"),
    "button": (".launch", "background-color", "rgb(1, 2, 3)"),
    "button-text": (".launch", "color", "rgb(1, 2, 3)"),
    "radius": (".launch", "border-radius", "11px"),
    "margin": ("hub-launch", "margin-top", "11px"),
    "font": (".launch", "font-family", "monospace"),
    "surface": ("dialog", "background-color", "rgb(1, 2, 3)"),
    "text": ("dialog", "color", "rgb(1, 2, 3)"),
}
PARTS = [
    *("launch", "hub", "change", "copy", "status", "dialog", "title"),
    *("choice", "input", "submit", "cancel", "forget"),
]


def test_every_custom_property_has_its_effect(new_page: NewPage, serve: Serve) -> None:
    values = ";".join(f"--hub-launch-{name}: {value}" for name, (*_, value) in PROPERTIES.items())
    page = new_page(refusals=True)
    reach(page, serve, "list", style=f"hub-launch {{ {values} }}")
    for selector, name, value in PROPERTIES.values():
        expect(page.locator(selector).first).to_have_css(name, value)


def test_every_part_can_be_styled(new_page: NewPage, serve: Serve) -> None:
    style = "".join(f"hub-launch::part({part}) {{ letter-spacing: 3px }}" for part in PARTS)
    page = new_page(refusals=True)
    reach(page, serve, "list", style=style)
    for part in PARTS:
        expect(page.locator(f"hub-launch [part~={part}]").first).to_have_css(
            "letter-spacing", "3px"
        )


def test_the_documentation_names_them_all() -> None:
    text = (Path(__file__).parents[2] / "docs/reference/hub-launch.md").read_text()
    for name in [f"--hub-launch-{name}" for name in PROPERTIES] + PARTS + LANGUAGES:
        assert f"`{name}`" in text, name
