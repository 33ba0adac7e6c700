import json
import re
import shutil
from html.parser import HTMLParser

import pytest
import yaml
from report_runs import prepare, run_report
from synthetic_results import CLASSES, WRONG

from sakdn.base.errors import InputError

SECTIONS = {"summary", "data", "sample", "curves", "comparison", "gains", "confusion"}
SECTIONS |= {"explanations", "cost", "provenance"}
LINKS = {"src", "href", "srcset", "action", "data", "poster", "style"}


class Page(HTMLParser):
    """Tags, text and ids of an HTML file."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.table = [], [], []
        self.feed(text)
        self.text = " ".join(" ".join(self.text).split())

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag == "tr":
            self.table.append([])

    def handle_data(self, data):
        inside = self.tags[-1][0] if self.tags else ""
        if inside not in ("style", "title"):
            self.text.append(data)
        if inside in ("td", "th") and data.strip():
            self.table[-1].append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return prepare(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def html(prepared):
    return run_report(prepared)


@pytest.fixture
def copy(prepared, tmp_path):
    """The run with a single learning curve; the pictures of all would take most of the time."""
    unwanted = shutil.ignore_patterns("*.html", "student", "teacher")
    return shutil.copytree(prepared, tmp_path / "run", ignore=unwanted)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_every_section_is_there_and_linked(page):
    assert {section["id"] for section in page.all("section")} == SECTIONS
    assert {link["href"] for link in page.all("a")} == {f"#{section}" for section in SECTIONS}


def test_nothing_is_fetched_and_nothing_runs(html, page):
    assert not page.all("script")
    for tag, attributes in page.tags:
        for name in LINKS & attributes.keys():
            assert attributes[name].startswith(("#", "data:")), (tag, name)
        assert not [name for name in attributes if name.startswith("on")]
    assert not re.search(r"https?:|src=[\"']?//|url\(|@import", html)
    assert len(html) < 5_000_000


def test_what_networks_start_from(page, copy):
    assert "vectors of 6 numbers, made of words.txt." in page.text
    assert "not in it were left out: x (draw x)." in page.text
    assert "All networks start from random weights." in page.text
    about = {"name": "DEFAULT", "file": "w.safetensors", "sha256": "ab" * 32, "source": "there"}
    (copy / "weights.json").write_text(json.dumps({"networks": {}, "student": about}))
    rows = Page(run_report(copy)).table
    assert ["students", "DEFAULT", "w.safetensors", "there", "ab" * 32] in rows


def test_every_picture_has_size_and_words(page):
    images = page.all("img")
    assert len(images) == 8 + 2 * (1 + 2) + len(WRONG) + 2 + 3 + 2
    for image in images:
        assert int(image["width"]) > 0
        assert int(image["height"]) > 0
        assert len(image["alt"]) > 4


def test_the_summary_says_what_was_found(page):
    first = r"Distillation \(SAKDN\) brought \+15.0 points over the student alone \(95 % interval "
    assert re.search(first + r"\+\d[\d.]* to \+\d[\d.]*\): significantly better\.", page.text)
    assert "student sakdn: 80.0 ± 5.0 %, +15.0 points against the student alone" in page.text
    assert re.search(r"student soft_target: 65.0 ± 5.0 %, .* no significant difference", page.text)


def test_the_tables_hold_the_run(page):
    assert ["all classes", "36", "18", "60", "114"] in page.table
    assert ["test", "60", "2, 4"] in page.table
    assert ["student none", "110", "150", "801", "330"] in page.table
    assert ["seeds", "0, 1, 2"] in page.table
    assert ["git commit", "0123456789abcdef"] in page.table
    assert "Found but left out, being on no side of the split: 1" in page.text
    assert "a1_s9_t1" in page.text


def test_people_are_shown_one_by_one_and_the_interval_says_whose_it_is(page):
    assert ["Person", *(name.replace("_", " ", 1) for name in WRONG)] in page.table
    rows = {row[0]: row[1:] for row in page.table if row[0] in ("2", "4") and len(row) == 7}
    means = [float(rows["2"][3]), float(rows["4"][3])]
    assert sum(means) / 2 == pytest.approx(65.0, abs=0.1)
    assert "With 2 test people, fewer than 6, interval and p speak of these people" in page.text
    assert "Always naming the commonest class scores 16.7 %; one of the 60 test clips" in page.text


def test_the_sample_is_the_first_test_clip_with_every_sensor(page):
    assert "Clip a1_s2_t2: “catch” by subject 2, from the test side" in page.text
    assert "1 of 30" in page.text
    assert "30 of 30" in page.text


def test_every_explanation_has_its_words(page):
    assert (
        "a1_s2_t1: the student says catch (right), with 80%; the teachers say catch, "
        "decided by gyroscope (lead over wave, in logits: gyroscope +2.1, accelerometer −0.3)."
    ) in page.text
    assert "with 60%; the clip has no sensor, so the teachers say nothing." in page.text
    alt = [image["alt"] for image in page.all("img") if "with what student" in image["alt"]]
    assert alt[1].endswith(
        "clip a2_s2_t1 with what student and teachers look at; the student looks most at frame 3."
    )


def test_a_run_without_explanations_says_so(copy):
    index = json.loads((copy / "explain/index.json").read_text())
    (copy / "explain/index.json").write_text(json.dumps(index | {"clips": []}))
    assert "No clip was to be explained" in Page(run_report(copy)).text


def test_names_are_escaped(tmp_path):
    evil = '<script>alert("$x^{$")</script>'
    html = run_report(prepare(tmp_path, (*CLASSES[:-1], evil)))
    assert not Page(html).all("script")
    assert "&lt;script&gt;alert(&#34;$x^{$" in html


def test_refuses_the_comparison_of_another_run(copy):
    shutil.rmtree(copy / "evaluate/teacher_gyroscope")
    with pytest.raises(InputError, match="--compare-dir: found teacher_accelerometer, teacher_gyr"):
        run_report(copy)


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("config.yaml", "a: [", "config.yaml: not a config"),
        ("config.yaml", "name: x", "config.yaml: found no data, sensors"),
        ("compare/figure.svg", "<svg", "figure.svg: not a figure"),
        ("compare/table.csv", "", "table.csv: not a comparison"),
        ("compare/tests.json", "", "tests.json: not JSON"),
        ("explain/index.json", "{}", "index.json: found no 'clips'"),
        ("explain/pictures/0.png", "x", "0.png: not a picture of the explain stage"),
        ("fusion/seed0/curves.csv", "epoch\n1\n", "curves.csv: not a learning curve"),
    ],
)
def test_refuses_damaged_results(copy, file, content, message):
    (copy / file).write_text(content)
    with pytest.raises(InputError, match=message):
        run_report(copy)
    assert not (copy / "report.html").exists()


def checked(root, split=None):
    """What the data check and the clips stage write about two bad files."""
    config = yaml.safe_load((root / "config.yaml").read_text())
    options = {"data": {"root": config["data"]["root"]}, "split": split or config.get("split")}
    (root / "config.yaml").write_text(yaml.safe_dump(config | {"split": config.get("split")}))
    summary = {"clips": 1200, "files": 2400, "seconds": 12.3}
    (root / "check").mkdir()
    (root / "check/summary.json").write_text(
        json.dumps(summary | {"options": options | {"sensors": config["sensors"]}})
    )
    (root / "check/problems.csv").write_text(
        "clip,file,kind,severity,message\n"
        "a9,RGB/a9.avi,damaged,error,found 3 of <8> frames\n"
        "b9,b9.csv,time_backwards,warning,1 times\n"
    )
    (root / "dropped.csv").write_text("clip,video,reason\na9,RGB/a9.avi,damaged: no frames\n")
    return [f"--check-dir={root / 'check'}", f"--dropped={root / 'dropped.csv'}"]


def test_data_check_and_dropped_clips_are_shown(copy):
    html = run_report(copy, *checked(copy))
    page = Page(html)
    assert {section["id"] for section in page.all("section")} == SECTIONS | {"check"}
    assert "#check" in {link["href"] for link in page.all("a")}
    for words in ("1,200 clips, 2,400 files", "found 3 of <8> frames", "time backwards"):
        assert words in page.text
    assert "Dropped, because they cannot be used: 1" in page.text
    assert "damaged: no frames" in page.text
    assert "It was made with other data" not in page.text


def test_data_check_of_another_split_is_said_to_be_so(copy):
    words = checked(copy, split={"protocol": "column"})
    assert "It was made with other data, split or sensors" in Page(run_report(copy, *words)).text


def test_damaged_data_check(copy):
    words = checked(copy)
    (copy / "check/summary.json").write_text("{}")
    with pytest.raises(
        InputError, match=r"summary\.json: found no 'clips'; run snakemake check_data"
    ):
        run_report(copy, *words)


def test_the_label_s_loss_is_apart_from_what_is_distilled(page):
    alt = {image["alt"].split(",")[0]: image["alt"] for image in page.all("img")}
    assert (
        "loss of the label, the terms gsdm, signal, and" in alt["Learning curves of student sakdn"]
    )
    assert "loss of the label, and" in alt["Learning curves of student none"]
