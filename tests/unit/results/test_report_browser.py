"""The report in a real browser: nothing fails, nothing is fetched, nothing sticks out."""

import html
import json
import os
import re
import shutil
import signal
import subprocess

import pytest
from test_report import SECTIONS, prepare, run_report

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")
WIDTHS_PX = (1280, 390)

# With this policy an attempt to fetch anything is an error on the console.
POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:;'
    " style-src 'unsafe-inline'; script-src 'unsafe-inline'\">"
)
MEASURE = """<script>
addEventListener("load", () => {
  const box = element => element.getBoundingClientRect();
  const found = {
    width: innerWidth,
    needed: document.documentElement.scrollWidth,
    sections: [...document.querySelectorAll("section")].map(s => [s.id, box(s).height]),
    pictures: [...document.images].map(i => [i.naturalWidth, box(i).width, box(i).height]),
    fetched: performance.getEntriesByType("resource").map(entry => entry.name),
    font: Math.min(...[...document.querySelectorAll("p, td, th, li, figcaption")].map(
      element => parseFloat(getComputedStyle(element).fontSize))),
    order: [...document.querySelectorAll("section")].map(s => s.id).slice(0, 2),
    sideways: [...document.querySelectorAll("main, main *")].filter(
      e => e.clientWidth && e.scrollWidth > e.clientWidth + 1).map(e => e.outerHTML.slice(0, 80)),
    links: [...document.querySelectorAll("nav a")].filter(
      link => !document.querySelector(link.getAttribute("href"))).length,
  };
  const note = parent.document.createElement("output");
  note.textContent = JSON.stringify(found);
  parent.document.body.append(note);
});
</script>"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return run_report(prepare(tmp_path_factory.mktemp("run")))


def opened(folder, page, width_px):
    """What the page measures of itself in a frame of that width, and errors on the console."""
    measured = page.replace("<head>", f"<head>{POLICY}").replace("</body>", f"{MEASURE}</body>")
    frame = f'<iframe style="width:{width_px}px;height:900px;border:0" srcdoc="{{}}"></iframe>'
    file = folder / "framed.html"
    file.write_text(f"<body>{frame.format(html.escape(measured))}</body>", encoding="utf-8")
    words = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    words += [f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr", "--dump-dom"]
    page, said = whole_output([*words, file.as_uri()])
    note = re.search("<output>(.*?)</output>", page)
    assert note, said[-2000:]
    return json.loads(html.unescape(note[1])), [
        line for line in said.splitlines() if "CONSOLE" in line
    ]


def whole_output(words):
    """What a command prints; one that hangs, as Chromium now and then, gets another chance.

    Its children hold the pipes, so that all of them have to be ended.
    """
    for left_s in (60, 180):
        with subprocess.Popen(
            words,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                return process.communicate(timeout=left_s)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
    pytest.fail(f"{words[0]} printed nothing within {left_s} s")


@pytest.mark.parametrize("width_px", WIDTHS_PX)
def test_report_opens_whole(tmp_path, page, width_px):
    found, console = opened(tmp_path, page, width_px)
    assert console == []
    assert found["fetched"] == []
    assert found["width"] == width_px
    assert found["needed"] <= width_px
    assert {name for name, height in found["sections"] if height > 60} == SECTIONS
    assert found["order"] == ["summary", "comparison"]
    assert found["sideways"] == []
    assert len(found["pictures"]) > 20
    assert all(min(sizes) > 10 for sizes in found["pictures"])
    assert found["font"] >= 12
    assert found["links"] == 0


def test_faults_would_be_found(tmp_path, page):
    faults = (
        '<img src="https://example.org/x.png" alt=""><script>fail()</script>'
        '<div style="width: 2000px">wide</div>'
    )
    found, console = opened(tmp_path, page.replace("</main>", f"{faults}</main>"), 390)
    assert any("example.org" in line for line in console)
    assert any("fail is not defined" in line for line in console)
    assert found["needed"] >= 2000
    assert found["sideways"]
    assert not all(min(sizes) > 10 for sizes in found["pictures"])
