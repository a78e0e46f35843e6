"""Launch settings: the shared vectors, and what only Python makes of them."""

from html.parser import HTMLParser

import pytest

from hubroam.book import LaunchSettings
from hubroam.book.launch import THEBE
from hubroam.errors import LaunchSettingsError
from support.vectors import vectors


@pytest.mark.parametrize("vector", vectors("book-launch"))
def test_what_a_page_shows(vector):
    def page():
        book, own = (LaunchSettings.read(vector["input"][name]) for name in ("book", "page"))
        return own.over(book).page()

    if "error" in vector:
        with pytest.raises(LaunchSettingsError) as caught:
            page()
        assert caught.value.code == vector["error"]
        assert caught.value.next_step
        return
    shown = page()
    expected = vector["expected"]
    assert (shown and {"attributes": shown.attributes, "link": shown.link}) == expected


class Elements(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.seen = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def test_the_element_says_what_the_page_launches():
    page = LaunchSettings.read({"repo": "ada/book", "label": 'a "b" <c>'}).page()
    (tag, attributes), (link, where) = Elements(page.element).seen
    assert (tag, link) == ("hub-launch", "a")
    assert attributes == page.attributes
    assert where["href"] == page.link


def test_the_head_says_what_the_page_launches():
    page = LaunchSettings.read({"repo": "a/b", "path": 'a "b".ipynb', "environment": "c/d"}).page()
    assert [(tag, each["name"], each["content"]) for tag, each in Elements(page.meta).seen] == [
        ("meta", "binder-spec", "gh/a/b/HEAD"),
        ("meta", "binder-path", 'a "b".ipynb'),
        ("meta", "binder-environment", "gh/c/d/HEAD"),
    ]


@pytest.mark.parametrize(
    ("live", "thebe"),
    [
        ("cdn", THEBE),
        ("/assets/thebe/", "/assets/thebe/"),
        ("https://cdn.example.org/thebe/dist/lib", "https://cdn.example.org/thebe/dist/lib/"),
    ],
)
def test_cells_that_run_in_place(live, thebe):
    page = LaunchSettings.read({"repo": "ada/book", "live": live}).page()
    assert Elements(page.element).seen[-1] == ("hub-live", {"thebe": thebe})
    assert page.scripts == ("hub-launch.js", "hub-live.js")


@pytest.mark.parametrize("live", ["javascript:alert(1)//", "//evil.example/", "/../x", "thebe"])
def test_programs_from_nowhere(live):
    with pytest.raises(LaunchSettingsError):
        LaunchSettings.read({"repo": "ada/book", "live": live}).page()


def test_a_setting_with_a_slip_of_the_pen_is_named():
    with pytest.raises(LaunchSettingsError, match="Perhaps path is meant"):
        LaunchSettings.read({"pth": "a.ipynb"})
