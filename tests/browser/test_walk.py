"""What a controller does in the dashboard: follow a number to its source row, and approve a correction."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from app.data import ActionFilter, Snapshot
from app.format import sentence
from app.project import Project
from app.publish import snapshots
from contracts.state import open_state

pytestmark = pytest.mark.browser

#: By how much a page is wider than its window.
_WIDER = "return document.documentElement.scrollWidth - window.innerWidth"


def wait(browser: webdriver.Chrome, xpath: str, seconds: int = 40) -> WebElement:
    """The first element of a path, once it is there and the page stands still."""

    def found(driver: webdriver.Chrome) -> WebElement | bool:
        if driver.find_elements(By.CSS_SELECTOR, "[data-testid='stStatusWidget'], [data-stale='true']"):
            return False
        elements = driver.find_elements(By.XPATH, xpath)
        return elements[0] if elements and elements[0].is_displayed() else False

    return WebDriverWait(browser, seconds, ignored_exceptions=[Exception]).until(
        found, f"not on the page: {xpath}; it says {browser.find_element(By.TAG_NAME, 'body').text[:600]!r}"
    )


def titled(text: str) -> str:
    return f"//h1[contains(., {text!r})]"


def test_a_number_on_today_leads_to_a_source_row(browser: webdriver.Chrome, address: str) -> None:
    browser.get(address)
    wait(browser, titled("Today"))

    wait(browser, "//*[contains(@class, 'st-key-billed-ERP')]//button").click()
    wait(browser, titled("Alignment"))
    assert "measure=billed" in browser.current_url

    wait(browser, "//*[@data-testid='stMain']//a[contains(., 'SOW-')]").click()
    wait(browser, titled("SOW-"))
    source = wait(browser, "//*[contains(concat(@class, ' '), 'st-key-source ')]//p")

    assert "NetSuite" in source.text
    assert ", line " in source.text
    WebDriverWait(browser, 20).until(lambda driver: "agreement=" in driver.current_url)

    wait(browser, "//*[@data-testid='stMain']//a[contains(., 'All agreements')]").click()
    wait(browser, titled("Alignment"))
    WebDriverWait(browser, 20).until(lambda driver: "agreement=" not in driver.current_url)


@pytest.mark.long
def test_a_break_opens_from_the_top_causes(browser: webdriver.Chrome, address: str) -> None:
    browser.get(address)
    wait(browser, titled("Today"))

    wait(browser, "//*[@data-testid='stMain']//a[contains(@href, 'breaks') and contains(@href, 'check=')]").click()

    wait(browser, titled("Breaks"))
    assert "check=" in browser.current_url


def test_an_action_is_approved(browser: webdriver.Chrome, address: str, project_folder: Path) -> None:
    project = Project.load(project_folder)
    published = Snapshot.open(snapshots(project)[0])
    waiting = published.actions(ActionFilter(status=("proposed",)), limit=None)
    carl = [row for row in waiting.iter_rows(named=True) if row["required_role"] == "controller"]
    assert carl, "the firm has no correction for a controller"

    browser.get(f"{address}/actions?action={carl[0]['action_id']}&person=carl")
    wait(browser, titled(sentence(carl[0]["reason"])[:30]))
    wait(browser, "//*[contains(@class, 'st-key-approve-one')]//button").click()
    said = wait(browser, "//*[@data-testid='stAlert']")

    assert "1 action approved as carl" in said.text or "wait for a second approver" in said.text
    decided = published.decided(open_state(project.state)).action_by_id(carl[0]["action_id"])
    assert decided is not None
    assert "carl" in decided["approval"]


@pytest.mark.long
def test_a_bar_of_balances_leads_to_an_agreement_and_its_rows(browser: webdriver.Chrome, address: str) -> None:
    browser.set_window_size(1280, 1800)
    browser.get(f"{address}/balances")
    wait(browser, titled("Balances"))

    wait(browser, "//*[name()='path'][@aria-roledescription='bar'][starts-with(@aria-label, 'Billed:')]").click()
    wait(browser, "//h3[contains(., 'Billed, by agreement')]")
    assert "bar=Billed" in browser.current_url

    wait(browser, "//*[@data-testid='stMain']//a[contains(., 'SOW-')]").click()
    wait(browser, "//h3[starts-with(normalize-space(.), 'SOW-')]")
    assert "agreement=" in browser.current_url
    assert "bar=Billed" in browser.current_url
    source = wait(browser, "//*[contains(concat(@class, ' '), 'st-key-source ')]//p")
    assert ", line " in source.text


def test_a_list_is_downloaded_as_it_is_shown(browser: webdriver.Chrome, address: str, tmp_path: Path) -> None:
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    browser.get(f"{address}/breaks?check=K14")
    wait(browser, titled("Breaks"))
    shown = int(wait(browser, "//*[@data-testid='stMetricValue']").text.replace(",", ""))

    wait(browser, "//*[contains(@class, 'st-key-breaks-csv')]//button").click()
    file = tmp_path / "breaks.csv"
    WebDriverWait(browser, 20).until(lambda _: file.is_file())

    heading, *rows = file.read_text("utf-8-sig").splitlines()
    assert heading.startswith("Check,Sev.,What is wrong,")
    assert len(rows) == shown > 0


@pytest.mark.long
def test_a_difference_on_today_leads_to_the_records_behind_it(browser: webdriver.Chrome, address: str) -> None:
    """Numbers disagree: one click to the agreements in which they do, one more to the records of the first."""
    browser.get(address)
    wait(browser, titled("Today"))

    wait(browser, "//*[contains(@class, 'st-key-contracted-off')]//button").click()
    wait(browser, titled("Alignment"))
    wait(browser, "//*[@data-testid='stMain']//p[contains(., 'Roles differ in')]")
    wait(browser, "//*[@data-testid='stMain']//a[contains(., 'SOW-')]").click()

    wait(browser, titled("SOW-"))
    assert wait(browser, "//*[contains(concat(@class, ' '), 'st-key-source ')]//p")


@pytest.mark.long
@pytest.mark.parametrize(
    "path", ["today", "alignment", "breaks", "actions", "revenue", "balances", "bridges", "backlog"]
)
def test_no_page_is_wider_than_the_window(browser: webdriver.Chrome, address: str, path: str) -> None:
    browser.set_window_size(1280, 1200)
    browser.get(f"{address}/{'' if path == 'today' else path}")
    wait(browser, "//h1")
    narrow = browser.execute_script(_WIDER)
    browser.set_window_size(1920, 1200)
    WebDriverWait(browser, 20).until(lambda driver: driver.execute_script("return window.outerWidth") == 1920)

    assert (narrow <= 0, browser.execute_script(_WIDER) <= 0) == (True, True)


@pytest.mark.long
def test_back_leads_from_a_number_to_where_it_was_clicked_in_one_step(browser: webdriver.Chrome, address: str) -> None:
    browser.get(address)
    wait(browser, titled("Today"))
    wait(browser, "//*[contains(@class, 'st-key-billed-ERP')]//button").click()
    wait(browser, titled("Alignment"))
    wait(browser, "//*[@data-testid='stMain']//a[contains(., 'SOW-')]").click()
    wait(browser, titled("SOW-"))

    browser.back()
    wait(browser, titled("Alignment"))
    assert "measure=billed" in browser.current_url
    browser.back()
    wait(browser, titled("Today"))


@pytest.mark.long
def test_back_from_a_metric_leads_to_all_of_them(browser: webdriver.Chrome, address: str) -> None:
    browser.get(f"{address}/metrics")
    wait(browser, titled("Metrics"))
    wait(browser, "//*[@data-testid='stMain']//a[contains(., 'Scheduled backlog')]").click()
    wait(browser, titled("Scheduled backlog"))

    browser.back()
    wait(browser, titled("Metrics"))


@pytest.mark.long
def test_the_start_page_answers_to_its_name(browser: webdriver.Chrome, address: str) -> None:
    browser.get(f"{address}/today?currency=EUR")
    wait(browser, titled("Today"))
    wait(browser, "//h3[contains(., 'in EUR')]")

    assert not browser.find_elements(By.XPATH, "//*[contains(., 'Page not found')]")
    links = browser.find_elements(By.CSS_SELECTOR, "[data-testid='stSidebarNav'] a")
    assert sum(link.text.endswith("Today") for link in links) == 1
