"""The small script of both faces, in a real browser and under the site's content policy: exit, keyboard, focus."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, sync_playwright

SCRIPT = Path(__file__).resolve().parents[1] / "static" / "seuil.js"
CHROMIUM = shutil.which("chromium")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'"
NEUTRAL = "https://neutral.example/"
SIGNED_IN = f"""<form method="post" action="/out" data-quick-exit="{NEUTRAL}"><input type="hidden" name="_csrf_token" value="t">
<input type="hidden" name="quick" value="1"><button>Quitter</button></form><input id="words">"""
SIGNED_OUT = f'<a href="{NEUTRAL}" data-quick-exit="{NEUTRAL}">Quitter</a>'
BOARD = """<input id="search" data-search><button id="opener" hidden data-shortcuts>?</button>
<table data-rows><tbody><tr><th><a href="#a">A</a></th></tr><tr><th><a href="#b">B</a></th></tr></tbody></table>
<form method="post" action="/save"><textarea id="story" name="story">x</textarea></form>
<dialog id="shortcuts"><input type="checkbox" id="on" data-shortcuts-on checked><form method="dialog"><button>ok</button></form></dialog>
<details data-fold open><summary>Menu</summary></details>"""
FAULTY = '<h1>Page</h1><div class="error-summary" id="error-summary" tabindex="-1"><a href="#f-x">x</a></div><input id="f-x">'
PAGES = {"/in": SIGNED_IN, "/door": SIGNED_OUT, "/board": BOARD, "/faulty": FAULTY}

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and os.environ.get("SEUIL_BROWSER") != "required",
    reason="needs the chromium browser",
)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield opened
        opened.close()


class Site:
    """A page of the browser, with the posts the pages made."""

    def __init__(self, page: Page) -> None:
        self.page, self.posts, self.problems = page, [], []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on(
            "console",
            lambda line: self.problems.append(line.text) if line.type == "error" else None,
        )
        page.route("**/*", self.answer)

    def answer(self, route: Route, request: Request) -> None:
        path = "/" + request.url.split("/", 3)[3].split("#")[0]
        if request.method == "POST":
            self.posts.append((path, request.post_data))
        if path == "/seuil.js":
            route.fulfill(body=SCRIPT.read_text(), content_type="text/javascript")
        else:
            body = f"<!doctype html><title>t</title><script src=/seuil.js defer></script>{PAGES.get(path, '<h1>ok</h1>')}"
            route.fulfill(
                body=body, content_type="text/html", headers={"content-security-policy": POLICY}
            )

    def open(self, path: str) -> Page:
        self.page.goto(f"http://seuil.example{path}")
        return self.page

    def focused(self) -> str:
        return self.page.evaluate("document.activeElement.id || document.activeElement.textContent")


@pytest.fixture
def site(browser) -> Iterator[Site]:
    context = browser.new_context()
    made = Site(context.new_page())
    yield made
    context.close()
    assert made.problems == []


def test_shift_three_times_ends_the_session_and_leaves(site):
    page = site.open("/in")
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url(NEUTRAL)
    assert site.posts == [("/out", "_csrf_token=t&quick=1")]


def test_capitals_do_not_leave(site):
    page = site.open("/in")
    page.focus("#words")
    for letter in "ABC":
        page.keyboard.press(f"Shift+{letter}")
    page.wait_for_timeout(300)
    assert page.input_value("#words") == "ABC" and page.url.endswith("/in") and site.posts == []


@pytest.mark.parametrize(("path", "sign_outs"), [("/in", 1), ("/door", 0)])
def test_quick_exit_by_click_replaces_the_page(site, path, sign_outs):
    page = site.open("/board")
    site.open(path)
    page.click("[data-quick-exit]" if path == "/door" else "[data-quick-exit] button")
    page.wait_for_url(NEUTRAL)
    assert len(site.posts) == sign_outs
    page.go_back()
    assert page.url.endswith("/board")  # "back" skips the page that was left


def test_keyboard_of_the_back_office_and_its_switch(site):
    page = site.open("/board")
    page.keyboard.press("/")
    assert site.focused() == "search"
    page.keyboard.type("j?")
    assert page.input_value("#search") == "j?"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert site.focused() == "B"
    page.keyboard.press("k")
    assert site.focused() == "A"
    page.keyboard.press("?")
    assert page.evaluate("document.querySelector('#shortcuts').open")
    page.uncheck("#on")
    page = site.open("/board")
    page.keyboard.press("j")
    assert site.focused() != "A"
    page.click("#opener")
    assert not page.is_checked("#on")


def test_ctrl_enter_sends_the_form_once(site):
    page = site.open("/board")
    page.focus("#story")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/save")
    assert site.posts == [("/save", "story=x")]


def test_focus_lands_on_the_error_summary(site):
    site.open("/faulty")
    assert site.focused() == "error-summary"


def test_menu_starts_folded_on_a_narrow_screen_only(site):
    site.page.set_viewport_size({"width": 1280, "height": 700})
    assert site.open("/board").evaluate("document.querySelector('[data-fold]').open")
    site.page.set_viewport_size({"width": 360, "height": 700})
    assert not site.open("/board").evaluate("document.querySelector('[data-fold]').open")
