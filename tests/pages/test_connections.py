"""A warehouse on its page: added by URL, tried, a table made a dataset; and one that never answers, on a card."""
from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import psycopg
import pytest

from tests import postgres
from tests.pages.conftest import change, picture, settled
from tests.pages.test_looking import findings

pytestmark = [pytest.mark.browser, pytest.mark.postgres]
SECRET = "hunter2-correct-horse"


@pytest.fixture(scope="module")
def url(postgres_server) -> Iterator[str]:
    """A warehouse with a hundred days of orders up to yesterday, reached with a password in its URL."""
    postgres.run(postgres_server, "CREATE DATABASE pages_shop")
    found = postgres_server.format(name="pages_shop").replace("+psycopg", "")
    with psycopg.connect(found, autocommit=True) as connection:
        connection.execute("CREATE TABLE orders (order_id int, ordered_at timestamptz, region text, customer_id int, "
                           "amount numeric(12, 2), note bytea)")
        connection.execute("INSERT INTO orders SELECT n, now() - (1 + n % 100) * INTERVAL '1 day', "
                           "CASE WHEN n % 3 = 0 THEN 'EMEA' ELSE 'APAC' END, n % 11, n * 0.25 "
                           "FROM generate_series(0, 999) AS n")
    yield found.replace("ledgerline@", f"ledgerline:{SECRET}@")
    postgres.run(postgres_server, "DROP DATABASE pages_shop WITH (FORCE)")


@pytest.fixture(scope="module")
def silent() -> Iterator[str]:
    """An address where somebody listens and never says a word."""
    with socket.socket() as ear:
        ear.bind(("127.0.0.1", 0))
        ear.listen(64)
        yield f"postgresql://reader:{SECRET}@127.0.0.1:{ear.getsockname()[1]}/shop"


def _bearer(page) -> dict[str, str]:
    page.goto("/account")
    settled(page).fill("#token-name", "kpis")
    page.check("#token-scopes input >> nth=0")
    page.check("#token-scopes input >> nth=1")
    page.click("#token-add")
    found = page.locator("#secret-once").inner_text()
    settled(page)
    return {"Authorization": f"Bearer {found}"}


def test_a_table_of_a_warehouse_becomes_a_dataset_and_its_secret_is_never_seen_again(visit, empty_product, url):
    page = settled(visit(empty_product, "/admin/connections"))
    assert "No connections" in page.inner_text("#connections")
    assert page.get_attribute("#connection-url", "type") == "password"
    page.fill("#connection-key", "shop")
    page.fill("#connection-url", url)
    page.click("#connection-add")
    page.wait_for_selector("text=The warehouse shop answers.")
    settled(page)
    assert page.input_value("#connection-url") == ""
    row = page.inner_text("#connections tbody")
    assert re.search(r"shop\s+answers\s.*PostgreSQL\s+none\s+15 min", row, re.IGNORECASE | re.DOTALL)

    change(page, "#connection-of", "shop")
    assert page.eval_on_selector_all("#connection-tables option", "all => all.map(o => o.value)") == ["public.orders"]
    page.fill("#connection-table", "public.orders")
    page.click("#connection-look")
    page.wait_for_selector("#connection-connect")
    settled(page)
    roles = page.eval_on_selector_all("#connection-columns tbody select", "all => all.map(s => s.value)")
    assert roles == ["id", "date", "dimension", "entity", "measure", "ignore"]
    picture(page, "connections-columns-light-1280")
    page.fill("#connection-dataset", "sales")
    page.click("#connection-connect")
    page.wait_for_selector("text=sales is a dataset now")
    settled(page)
    assert "sales" in page.inner_text("#connections tbody")
    page.goto("/data")
    page.wait_for_selector("#data-datasets tr:has-text('shop: public.orders')")
    page.wait_for_selector("#data-datasets tr:has-text('1,000')", timeout=60_000)  # a job has looked at the rows

    bearer = _bearer(page)
    body = {"key": "turnover", "name": "Turnover", "formula": "sum(sales.amount)", "unit": "currency"}
    assert page.request.put("/api/v1/kpis/turnover", headers=bearer, data=body).ok
    seen = [page.request.get(path, headers=bearer).text() for path in
            ("/api/v1/connections", "/api/v1/connections/shop", "/api/v1/connections/shop/tables")]
    for path in ("/admin/connections", "/admin/audit", "/data", "/kpi/turnover"):
        page.goto(path)
        seen.append(settled(page).content())
    assert "connection.add" in seen[4]
    assert not [text for text in seen if SECRET in text or "hunter2" in text]
    page.wait_for_selector("#kpi-derivation >> text=shop: public.orders")
    settled(page)
    assert "which keeps no earlier states" in page.inner_text("#kpi-restated")
    picture(page, "kpi-of-a-warehouse-light-1280")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
def test_c8_the_page_is_drawn_in_every_look(visit, empty_product, url, scheme, width):
    page = settled(visit(empty_product, "/admin/connections", scheme=scheme, width=width))
    change(page, "#connection-of", "shop")
    page.fill("#connection-table", "public.orders")
    page.click("#connection-look")
    page.wait_for_selector("#connection-connect")
    picture(settled(page), f"connections-{scheme}-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    assert findings(page) == []


def test_what_cannot_be_reached_is_told_in_a_sentence_and_stays_to_be_mended(visit, empty_product, url):
    page = settled(visit(empty_product, "/admin/connections"))
    page.fill("#connection-key", "nobody")
    page.fill("#connection-url", f"postgresql://reader:{SECRET}@127.0.0.1:9/shop")
    page.click("#connection-add")
    page.wait_for_selector("text=The warehouse nobody cannot be reached: nobody listens at that address.")
    row = settled(page).locator("#connections tr", has_text="nobody")
    assert "trouble" in row.inner_text().lower()
    picture(page, "connections-trouble-light-1280")
    row.get_by_role("button", name="New URL").click()
    page.fill("#connection-url-next", url)
    page.click("#connection-rotate-yes")
    page.wait_for_selector("text=The warehouse nobody answers.")
    settled(page)
    row.get_by_role("button", name="Remove").click()
    page.click("#connection-remove-yes")
    page.wait_for_selector("text=The connection nobody is removed.")
    assert not settled(page).locator("#connections tr", has_text="nobody").count()
    page.fill("#connection-key", "files")
    page.fill("#connection-url", "file:///etc/passwd")
    page.click("#connection-add")
    page.wait_for_selector("text=The URL of a warehouse begins with")


def test_a_silent_warehouse_is_a_state_of_its_cards_and_no_page_hangs(visit, empty_product, url, silent):
    page = settled(visit(empty_product))
    page.wait_for_selector("#kpi-card-turnover .ll-card-period")
    page.goto("/admin/connections")
    settled(page).locator("#connections tr", has_text="shop").get_by_role("button", name="New URL").click()
    page.fill("#connection-url-next", silent)
    page.click("#connection-rotate-yes")
    page.wait_for_selector("text=The warehouse shop did not answer within 8 s.")
    page.goto("/?range=L30D&grain=day")  # asked of nobody yet
    page.wait_for_selector("#kpi-card-turnover >> text=The warehouse shop is still being asked.")
    picture(page, "overview-asking-light-1280")
    page.wait_for_selector("#kpi-card-turnover >> text=The warehouse shop did not answer within 10 s.")  # by itself
    page.goto("/kpi/turnover?range=L30D&grain=day")
    assert "The warehouse shop did not answer" in settled(page).inner_text("#kpi-chart-box")
    picture(page, "kpi-silent-warehouse-light-1280")
    page.goto("/admin/connections")
    settled(page).locator("#connections tr", has_text="shop").get_by_role("button", name="New URL").click()
    page.fill("#connection-url-next", url)
    page.click("#connection-rotate-yes")
    page.wait_for_selector("text=The warehouse shop answers.")
    page.goto("/?range=L30D&grain=day")
    page.wait_for_selector("#kpi-card-turnover .ll-card-period")
