"""Arranging the overview by keyboard and drag, theme and layout saved with the person, and pages by role."""
from __future__ import annotations

import pytest

from tests.pages.conftest import picture, settled

pytestmark = pytest.mark.browser


@pytest.fixture
def own(visit, demo_product, people):
    """The overview of somebody whose layout no other test looks at."""
    return settled(visit(demo_product, email=people["analyst"]))


def _order(page) -> list[str]:
    return page.eval_on_selector_all("#board-financial > .ll-card", "cards => cards.map(c => c.dataset.key)")


def _again(page):
    settled(page).reload()
    return settled(page)


def _reset(page, first: str) -> None:
    page.click("#board-arrange")
    page.click("#board-reset")
    page.wait_for_function("first => document.querySelector('#board-financial > .ll-card').dataset.key === first",
                           arg=first)
    settled(page)


def test_cards_move_by_keyboard_and_stay_as_they_were_left(own):
    page, before = own, _order(own)
    page.focus("#board-arrange")
    page.keyboard.press("Enter")
    page.focus(f"#kpi-move-{before[0]}")
    page.keyboard.press("ArrowRight")
    moved = [before[1], before[0], *before[2:]]
    assert _order(page) == moved
    assert page.evaluate("document.activeElement.id") == f"kpi-move-{before[0]}", "the focus moves with the card"
    assert "position 2 of" in page.inner_text("#board-live")
    page.click(f"#kpi-card-{before[0]} [data-ll-size=L]")
    page.click(f"#kpi-card-{before[2]} [data-ll-hide]")
    picture(page, "overview-arranging", full=False)
    _again(page)
    assert _order(page) == moved
    assert "ll-card-L" in page.get_attribute(f"#kpi-card-{before[0]}", "class")
    assert page.is_visible(f"#kpi-card-{before[0]} .ll-card-total")
    assert not page.is_visible(f"#kpi-card-{before[2]}")
    _reset(page, before[0])
    assert page.is_visible(f"#kpi-card-{before[2]}")


def test_cards_move_by_drag(own):
    page, before = own, _order(own)
    page.click("#board-arrange")
    page.drag_and_drop(f"#kpi-card-{before[0]}", f"#kpi-card-{before[2]}")
    page.wait_for_function("key => document.querySelector('#board-financial > .ll-card').dataset.key !== key",
                           arg=before[0])
    moved = _order(page)
    assert sorted(moved) == sorted(before)
    _again(page)
    assert _order(page) == moved
    _reset(page, before[0])


def test_a_default_for_a_role_is_offered_to_admins_only(visit, demo_product, own):
    own.click("#board-arrange")
    assert own.is_visible("#board-save")
    assert not own.is_visible("#board-for")
    admin = settled(visit(demo_product))
    admin.click("#board-arrange")
    assert admin.is_visible("#board-for")


def test_theme_and_layout_are_there_again_after_signing_out_and_in(visit, demo_product, people):
    page = settled(visit(demo_product, email=people["finance"], anew=True))
    before = _order(page)
    page.click("#board-arrange")
    page.focus(f"#kpi-move-{before[0]}")
    page.keyboard.press("End")
    page.click("#user-menu")
    page.click("#theme-dark")
    page.wait_for_function("() => document.documentElement.dataset.bsTheme === 'dark'")
    settled(page)
    page.click("#sign-out")
    page.wait_for_url("**/login")
    again = visit(demo_product, email=people["finance"], anew=True)
    assert 'data-bs-theme="dark"' in again.request.get("/").text(), "the server writes it, so that nothing flashes"
    assert _order(settled(again)) == [*before[1:], before[0]]
    again.click("#user-menu")
    again.click("#theme-system")
    again.wait_for_function("() => document.documentElement.dataset.bsTheme === 'light'")
    again.click("#user-menu")
    _reset(settled(again), before[0])


@pytest.mark.parametrize(("role", "sees", "lacks"), [
    ("executive", ["/", "/thresholds"], ["/data", "/admin/users"]),
    ("finance", ["/", "/thresholds", "/data"], ["/admin/users"]),
    ("admin", ["/", "/data", "/admin/users", "/admin/audit"], []),
])
def test_each_role_is_offered_only_its_pages(visit, demo_product, people, role, sees, lacks):
    page = settled(visit(demo_product, email=people[role])) if role in people else settled(visit(demo_product))
    links = page.eval_on_selector_all("#navigation a[href]", "links => links.map(a => a.getAttribute('href'))")
    assert set(sees) <= set(links)
    assert not set(lacks) & set(links)
    for path in lacks:
        page.goto(path)
        page.wait_for_selector("#page-refused")


def test_actions_beyond_the_role_are_not_offered(visit, demo_product, people):
    page = settled(visit(demo_product, "/kpi/revenue", email=people["executive"]))
    assert not page.is_visible("#target-save")
    page.goto("/thresholds")
    assert not settled(page).is_visible("#limits-add")
