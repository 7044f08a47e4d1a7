"""A person at a screen: opens pages, fills fields by their label, and notices what goes wrong."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Response

OVERFLOW = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= innerWidth) return "";
  const wide = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1
    && !e.closest(".scroll") && getComputedStyle(e).position !== "fixed");
  return `${root.scrollWidth} > ${innerWidth}: ` + wide.slice(-3).map((e) => e.outerHTML.slice(0, 120)).join(" | ");
}"""


class Visitor:
    """One browser context with one page. `narrow`: no page may be wider than the screen."""

    def __init__(self, context: BrowserContext, base: str, narrow: bool = False) -> None:
        self.context, self.base, self.narrow = context, base, narrow
        self.problems: list[str] = []
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("response", self._answered)

    def _heard(self, line: Any) -> None:
        # The browser also says in the console that a page answered 4xx: `_answered` judges that.
        if line.type == "error" and "Failed to load resource" not in line.text:
            self.problems.append(f"{self.page.url}: {line.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500 or response.status == 404:
            self.problems.append(f"{response.status} {response.url}")

    # -- going about --------------------------------------------------------------------------

    def go(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.base + path)
        self.look()

    def press(self, label: str, within: Locator | None = None) -> None:
        """The button of that name, and the page it leads to."""
        button = (within or self.page.locator("main")).get_by_role("button", name=label, exact=True)
        with self.page.expect_navigation():
            button.first.click()
        self.look()

    def follow(self, label: str | re.Pattern[str], within: Locator | None = None) -> None:
        """The link of that name."""
        link = (within or self.page.locator("main")).get_by_role(
            "link", name=label, exact=isinstance(label, str)
        )
        with self.page.expect_navigation():
            link.first.click()
        self.look()

    def fill(self, **values: str) -> None:
        """Fields by their name in the form."""
        for name, value in values.items():
            self.page.locator(f'main [name="{name}"]').first.fill(value)

    def choose(self, name: str, label: str) -> None:
        self.page.locator(f'main select[name="{name}"]').select_option(label=label)

    def tick(self, name: str, value: str) -> None:
        self.page.locator(f'main [name="{name}"][value="{value}"]').check()

    def unfold(self, panel: str) -> None:
        """A panel that may be folded: opened by its title."""
        box = self.page.locator("details").filter(has=self.page.get_by_text(panel, exact=True)).last
        if box.get_attribute("open") is None:
            box.locator("summary").first.click()

    # -- what is seen -------------------------------------------------------------------------

    def look(self) -> None:
        """Nothing broke, and nothing is wider than a narrow screen."""
        assert not self.problems, self.problems
        if self.narrow:
            wide = self.page.evaluate(OVERFLOW)
            assert not wide, f"{self.page.url}: {wide}"

    def said(self) -> str:
        """The short word on top of the page after an act."""
        return self.page.locator("#flashes").inner_text().strip()

    def text(self, selector: str = "main") -> str:
        return re.sub(r"\s+", " ", self.page.locator(selector).first.inner_text()).strip()

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.base).split("?")[0]

    def sign_in(self, account: dict[str, Any]) -> None:
        """By the form, as a person would."""
        self.go(account["url"])
        for name, value in account["fields"].items():
            self.page.locator(f'main [name="{name}"]').fill(value)
        self.page.locator("main form button[type=submit]").first.click()
        self.page.wait_for_url(lambda url: url.rstrip("/") != account["url"].rstrip("/"))
        self.look()
