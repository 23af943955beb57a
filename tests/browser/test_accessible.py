"""Every page by axe-core (WCAG A and AA, best practices), in both schemes: nothing serious, nothing critical."""

from playwright.sync_api import expect

from tests.support.accessible import grave_faults
from tests.support.browser import settled

PAGES = ("Explore", "Start here", "Compare runs", "Data", "Inside the network", "Tune", "Reference")


def test_no_page_has_a_grave_fault_in_either_scheme(open_page):
    page, schemes, wrong = open_page(reduced_motion="reduce"), ["light", "dark"], {}
    for name in PAGES:
        page.locator(".st-key-pages").get_by_role("link", name=name, exact=True).click()
        expect(page.locator(".st-key-page_here a")).to_have_text(name)
        if name == "Start here":
            page.get_by_text("Make a lesson of the run that you have open").click()
            expect(page.get_by_text("What may be changed")).to_be_visible()
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function("(s) => document.documentElement.dataset.lsScheme === s", arg=scheme)
            settled(page)
            wrong |= {f"{name}, {scheme}": faults for faults in [grave_faults(page)] if faults}
        schemes.reverse()  # the next page begins with the scheme that is there
    assert wrong == {}
