"""Chromium, signed-in people, and a watch over everything that must never happen on any page."""
from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.pages.server import ADMIN, PASSWORD, Product, product

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

ARTIFACTS = Path(__file__).resolve().parents[1] / ".artifacts"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
PATIENCE = 20_000
# The renderer's own word that no callback waits, runs or is about to be asked, and that for a tenth of a second: what
# somebody just chose reaches the renderer a moment later.
QUIET = """() => {
  const state = window.store && window.store.getState();
  const queues = ["requested", "prioritized", "blocked", "executing", "watched", "executed", "stored"];
  const calm = state && !state.isLoading && queues.every((name) => !state.callbacks[name].length);
  const now = performance.now();
  window.__calm = calm ? window.__calm || now : 0;
  return calm && now - window.__calm >= 100;
}"""
# What Dash and Chromium say of themselves and nobody can mend here.
HARMLESS = re.compile(r"React DevTools|componentWillMount|componentWillReceiveProps|favicon")


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """One headless Chromium: CHROMIUM if set, else one on the PATH, the headless shell first, else Playwright's own."""
    from playwright.sync_api import sync_playwright

    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as tools:
        found = tools.chromium.launch(executable_path=path or None, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="session")
def demo_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product with the demo company, for tests that only look."""
    with product(tmp_path_factory.mktemp("demo")) as found:
        yield found


@pytest.fixture(scope="session")
def people(demo_product: Product) -> dict[str, str]:
    """Role -> address of somebody who signs in to the demo company with PASSWORD."""
    roles = ("executive", "finance", "analyst")
    demo_product.add_people({f"{role}@example.org": role for role in roles})
    return {role: f"{role}@example.org" for role in roles}


@pytest.fixture(scope="module")
def empty_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product without any data, for the tests of one file, which bring their own."""
    with product(tmp_path_factory.mktemp("empty"), demo=False) as found:
        yield found


class Watch:
    """Collects what must not happen: page errors, console errors, refused by the content policy, foreign requests."""

    def __init__(self, home: str) -> None:
        self.home, self.found = home, []  # type: ignore[var-annotated]
        self.expected: list[str] = []

    def over(self, page: Page) -> Page:
        page.on("pageerror", lambda error: self.found.append(f"page error: {error}"))
        page.on("console", self._console)
        page.on("request", lambda request: self._request(request.url))
        return page

    def expect(self, text: str) -> None:
        """An error that the test provokes on purpose."""
        self.expected.append(text)

    def verdict(self) -> list[str]:
        return [f for f in self.found if not any(e in f for e in self.expected)]

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning") and not HARMLESS.search(message.text):
            self.found.append(f"console {message.type}: {message.text[:300]}")

    def _request(self, url: str) -> None:
        if not url.startswith((self.home, "data:", "blob:", "about:")):
            self.found.append(f"foreign request: {url}")


@pytest.fixture
def watch(request: pytest.FixtureRequest) -> Iterator[list[Watch]]:
    """All watches of the test; asked at its end, whatever else it looked at."""
    watches: list[Watch] = []
    yield watches
    assert [v for w in watches for v in w.verdict()] == []


@pytest.fixture(scope="session")
def seats(browser: Browser) -> Iterator[dict[tuple[Any, ...], BrowserContext]]:
    """Browser profiles by product, person and look, signed in once: they keep their session and their cache."""
    contexts: dict[tuple[Any, ...], BrowserContext] = {}
    yield contexts
    for context in contexts.values():
        context.close()


@pytest.fixture
def visit(browser: Browser, seats: dict[tuple[Any, ...], BrowserContext],
          watch: list[Watch]) -> Iterator[Callable[..., Page]]:
    """`visit(product, "/data", scheme="dark", width=390)` opens a page as ADMIN, or as `email`; None: not signed in.

    Who signed in before comes back with the same session, as people do; `anew` is a browser of its own.
    """
    own: list[BrowserContext] = []
    pages: list[Page] = []

    def act(found: Product, path: str = "/", *, email: str | None = ADMIN, password: str = PASSWORD,
            scheme: str = "light", width: int = 1280, height: int = 900, anew: bool = False) -> Page:
        seat = (found.url, email, scheme, width, height)
        context = None if anew or email is None else seats.get(seat)
        is_new = context is None
        if context is None:
            context = browser.new_context(viewport={"width": width, "height": height}, base_url=found.url,
                                          color_scheme=scheme, accept_downloads=True,  # type: ignore[arg-type]
                                          reduced_motion="reduce")
            context.set_default_timeout(PATIENCE)
            if anew or email is None:
                own.append(context)
            else:
                seats[seat] = context
        page = context.new_page()
        pages.append(page)
        watch.append(Watch(found.url))
        watch[-1].over(page)
        if email is not None and is_new:
            sign_in(page, email, password)
        page.goto(path)
        return page

    yield act
    for page in pages:
        page.close()
    for context in own:
        context.close()


def sign_in(page: Page, email: str, password: str) -> None:
    """Through the form, as people do."""
    page.goto("/login")
    page.fill("#login-email", email)
    page.fill("#login-password", password)
    page.click("#login-submit")
    page.wait_for_url(lambda url: "/login" not in url)


def settled(page: Page) -> Page:
    """Drawn: no skeleton left and no callback under way."""
    page.wait_for_function("() => document.title && document.getElementById('main') "
                           "&& !document.querySelector('.ll-skeleton')")
    page.evaluate("window.__calm = 0")
    page.wait_for_function(QUIET)
    return page


def change(page: Page, selector: str, value: str) -> Page:
    """Choose in a select and wait until everything that follows is drawn."""
    page.select_option(selector, value)
    return settled(page)


def picture(page: Page, name: str, *, full: bool = True) -> Path:
    """A screenshot for people to look at: tests/.artifacts/NAME.png."""
    ARTIFACTS.mkdir(exist_ok=True)
    path = ARTIFACTS / f"{name}.png"
    page.screenshot(path=path, full_page=full)
    return path
