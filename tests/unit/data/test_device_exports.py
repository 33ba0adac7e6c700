"""Files as the programs of six makers export them, with the keys that docs/signals.md gives."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from sakdn.base.errors import InputError
from sakdn.data.checking.outliers import far_values
from sakdn.data.checking.signals import check_signal
from sakdn.data.readers.signals import SignalOptions, finite_signal

SHARED = Path(os.environ.get("SAKDN_SHARED", Path(__file__).parents[4] / "shared"))
CASES = SHARED / "cases"
COUNT = 128
TIME = np.arange(COUNT) / 50
VALUES = np.round(np.stack([np.sin(5 * TIME), np.cos(5 * TIME), 0.1 * TIME], axis=1), 4)


def lines_of(separator, *before, end="", decimal="."):
    rows = []
    for number, row in enumerate(VALUES):
        cells = [*(column[number] for column in before), *(f"{v:.4f}" for v in row)]
        rows.append(separator.join(cells).replace(".", decimal) + end)
    return rows


def stamped(form):
    start = np.datetime64("2024-05-01T12:30:00")
    return [(start + np.timedelta64(round(t * 1e6), "us")).item().strftime(form) for t in TIME]


def empatica():
    scaled = [",".join(f"{round(64 * value)}" for value in row) for row in VALUES]
    head = ["1544027337.000000, 1544027337.000000, 1544027337.000000"]
    return "ACC.csv", [*head, "32.000000, 32.000000, 32.000000", *scaled], {"rate_hz": 32}


def actigraph():
    rule = "-" * 50
    head = [
        f"{rule} Data File Created By ActiGraph GT3X+ at 50 Hz  Filter Normal {rule}",
        "Serial Number: MOS2A",
        "Start Time 10:00:00",
        "Start Date 5/1/2024",
        "Epoch Period (hh:mm:ss) 00:00:00",
        "Download Time 11:00:00",
        "Download Date 5/1/2024",
        "Current Memory Address: 0",
        "Current Battery Voltage: 4.22     Mode = 12",
        rule,
        "Accelerometer X,Accelerometer Y,Accelerometer Z",
    ]
    columns = [f"Accelerometer {axis}" for axis in "XYZ"]
    return "a.csv", [*head, *lines_of(",")], {"columns": columns, "rate_hz": 50}


def shimmer():
    names = ["Timestamp_Unix_CAL", *(f"Accel_LN_{axis}_CAL" for axis in "XYZ")]
    units = ["ms", *["m/(s^2)"] * 3]
    stamps = [f"{1.7e12 + 1000 * time:.3f}" for time in TIME]
    rows = ['"sep=\t"', "\t".join(names) + "\t", "\t".join(units) + "\t"]
    options = {"columns": names[1:], "time_column": names[0], "time_format": "ms", "rate_hz": 50}
    return "s.csv", [*rows, *lines_of("\t", stamps, end="\t")], options


def movella():
    head = ["sep=,", "DeviceTag:,DOT 1", "FirmwareVersion:,2.0.0", "OutputRate:,50Hz", ""]
    fine = [f"{(2**32 - 10**6 + 20_000 * number) % 2**32}" for number in range(COUNT)]
    rows = lines_of(",", list(map(str, range(COUNT))), fine)
    options = {"columns": ["Acc_X", "Acc_Y", "Acc_Z"], "time_column": "SampleTimeFine"}
    return (
        "d.csv",
        [*head, "PacketCounter,SampleTimeFine,Acc_X,Acc_Y,Acc_Z", *rows],
        options | {"time_format": "us", "rate_hz": 50},
    )


def opensignals():
    about = {"00:07:80": {"sampling rate": 50, "column": ["nSeq", "DI", "X", "Y", "Z"]}}
    head = ["# OpenSignals Text File Format. Version 1", f"# {json.dumps(about)}", "# EndOfHeader"]
    counter = [str(number % 16) for number in range(COUNT)]
    rows = lines_of("\t", counter, ["0"] * COUNT, end="\t")
    return "o.txt", [*head, *rows], {"columns": [2, 3, 4], "rate_hz": 50}


def axivity():
    rows = lines_of(",", stamped("%Y-%m-%d %H:%M:%S.%f"))
    form = "%Y-%m-%d %H:%M:%S.%f"
    options = {"columns": [1, 2, 3], "time_column": 0, "time_format": form, "rate_hz": 50}
    return "x.csv", rows, options


def phyphox():
    names = ['"Time (s)"', *(f'"Acceleration {axis} (m/s^2)"' for axis in "xyz")]
    rows = lines_of(";", [f"{time:.4f}" for time in TIME], decimal=",")
    columns = [name.strip('"') for name in names]
    options = {"columns": columns[1:], "time_column": columns[0], "rate_hz": 50}
    return "p.csv", [";".join(names), *rows], options


MAKERS = [empatica, actigraph, shimmer, movella, opensignals, axivity, phyphox]


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_export(tmp_path, maker, end):
    name, lines, options = maker()
    path = tmp_path / name
    path.write_text(end.join(lines) + end, newline="")
    signal = finite_signal(path, SignalOptions(**options), "error")
    expected = np.round(64 * VALUES) if maker is empatica else VALUES
    np.testing.assert_allclose(signal, expected, atol=1e-4)
    assert check_signal(path, SignalOptions(**options), "error").findings == ()


def test_an_empatica_of_another_rate_than_the_config_says(tmp_path):
    name, lines, _ = empatica()
    (tmp_path / name).write_text("\n".join(lines))
    with pytest.raises(InputError, match=r"ACC\.csv: row 2 says 32 samples a second, rate_hz of"):
        finite_signal(tmp_path / name, SignalOptions(rate_hz=50.0), "error")


def test_the_first_rows_are_samples_where_nothing_is_to_be_skipped(tmp_path):
    name, lines, _ = empatica()
    (tmp_path / name).write_text("\n".join(lines))
    signal = finite_signal(tmp_path / name, SignalOptions(skip_rows=0), "error")
    assert len(signal) == COUNT + 2


FILES = {
    "vendor_header": ["actigraph.csv", "dot.csv", "shimmer.csv", "trailing.csv"],
}
SIGNAL_CASES = [
    "decimal_comma_txt",
    "e4_header",
    "semicolon_csv",
    "spike_one_sample",
    "transposed_csv",
    "two_rates_one_file",
    "txt_gap_shift",
    "tz_dst",
    "vendor_header",
    "whole_seconds",
]
# A line over three rows that are missing is 0.031 from a sine there.
TOLERANCE = {"txt_gap_shift": 0.031}


@pytest.mark.parametrize("case", SIGNAL_CASES)
def test_case(case):
    if not CASES.is_dir():
        pytest.skip(f"no folder {CASES}; set SAKDN_SHARED")
    about = json.loads((CASES / case / "expected.json").read_text())
    options = SignalOptions(**about["options"])
    for name in FILES.get(case, [about.get("file")]):
        path = CASES / case / name
        if about.get("want") == "error":
            with pytest.raises(InputError, match="transpose it"):
                finite_signal(path, options, about["nan"])
            continue
        signal = finite_signal(path, options, about["nan"])
        if about.get("want") == "warning":
            facts = check_signal(path, options, about["nan"])
            ((_, finding),) = far_values({name: facts.spread})
            assert finding.severity == "warning"
            assert "row 22, axis" in finding.message
            assert "found 32767" in finding.message
            continue
        truth = np.loadtxt(CASES / case / "truth.csv", delimiter=",")
        np.testing.assert_allclose(
            signal, truth, atol=TOLERANCE.get(case, about["tolerance"]), rtol=0
        )


def test_every_signal_case_is_tried():
    if not CASES.is_dir():
        pytest.skip(f"no folder {CASES}; set SAKDN_SHARED")
    told = CASES.glob("*/expected.json")
    kinds = {path.parent.name: json.loads(path.read_text())["kind"] for path in told}
    assert sorted(name for name, kind in kinds.items() if kind == "signal") == SIGNAL_CASES
