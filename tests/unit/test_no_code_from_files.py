"""No file that the project reads can make it run code."""

import ast
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

import sakdn
from sakdn.base.errors import InputError
from sakdn.data.clips.table import read_table
from sakdn.data.readers.image_folder import read_image
from sakdn.data.readers.matfile import load_array
from sakdn.data.readers.signals import read_signal
from sakdn.models.weights import read_tensors
from sakdn.options.sensors import SignalOptions
from sakdn.training.saved import load_weights

ROOT = Path(sakdn.__file__).parent
REPO = ROOT.parents[1]
SOURCES = [*sorted(ROOT.rglob("*.py")), *sorted((REPO / "examples").rglob("*.py"))]
UNSAFE_MODULES = {"pickle", "cPickle", "dill", "joblib", "marshal", "shelve", "cloudpickle"}
UNSAFE_NAMES = {"eval", "exec", "compile", "__import__"}
UNSAFE_CALLS = {"os.system", "os.popen", "yaml.load", "yaml.unsafe_load", "yaml.full_load"}
UNSAFE_CALLS |= {"pd.read_pickle", "pandas.read_pickle", "torch.jit.load", "pd.read_hdf"}
ASKED_FOR = {"np.load": ("allow_pickle", False), "torch.load": ("weights_only", True)}


def faults_of(tree):
    """What in a module could run code out of a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name in UNSAFE_MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in UNSAFE_MODULES:
            yield node.module
        elif isinstance(node, ast.Call):
            name, given = ast.unparse(node.func), {each.arg: each.value for each in node.keywords}
            if name in UNSAFE_NAMES | UNSAFE_CALLS:
                yield name
            if name in ASKED_FOR:
                key, value = ASKED_FOR[name]
                if key not in given or ast.literal_eval(given[key]) is not value:
                    yield f"{name} without {key}={value}"
            if "shell" in given:
                yield f"{name} with shell"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(REPO).as_posix())
def test_source_loads_no_pickles_and_starts_no_shell(path):
    assert list(faults_of(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from joblib import load",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "torch.load(path, weights_only=False)",
        "yaml.load(text)",
        "subprocess.run(words, shell=True)",
        "eval(text)",
    ],
)
def test_the_look_at_the_source_sees(code):
    assert list(faults_of(ast.parse(code)))


class Trap:
    """Unpickled, it makes a folder."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


@pytest.fixture
def trap(tmp_path):
    """A pickle that makes a folder; whatever was done with it, it may not be there."""
    yield Trap(tmp_path / "sprung")
    assert not (tmp_path / "sprung").exists()


def test_the_trap_works(tmp_path):
    pickle.loads(pickle.dumps(Trap(tmp_path / "sprung")))
    assert (tmp_path / "sprung").is_dir()


@pytest.mark.parametrize("name", ["s.npy", "s.mat", "s.csv", "s.txt", "s.pkl", "s.pickle", "s.npz"])
def test_pickled_signal(tmp_path, trap, name):
    path = tmp_path / name
    path.write_bytes(pickle.dumps(trap))
    with pytest.raises(InputError, match=f"{name}: "):
        read_signal(path, SignalOptions())


def test_objects_in_a_signal(tmp_path, trap):
    np.save(tmp_path / "s.npy", np.array([trap, trap], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match=r"not a \.npy file of numbers: .*Python objects"):
        read_signal(tmp_path / "s.npy", SignalOptions())
    with pytest.raises(InputError, match=r"not a \.mat file"):
        load_array(tmp_path / "s.npy", None, 3)


def test_pickle_named_as_a_table(tmp_path, trap):
    (tmp_path / "clips.csv").write_bytes(pickle.dumps(trap))
    with pytest.raises(InputError, match="not a CSV file in UTF-8"):
        read_table(tmp_path / "clips.csv")


@pytest.mark.parametrize("name", ["w.pt", "w.pth", "w.pkl", "w.safetensors"])
@pytest.mark.parametrize(
    "save", [torch.save, lambda value, path: path.write_bytes(pickle.dumps(value, 2))]
)
def test_pickled_weights(tmp_path, trap, name, save):
    save({"conv1.weight": torch.ones(1), "x": trap}, tmp_path / name)
    with pytest.raises(InputError, match=f"{name}: not readable as weights"):
        read_tensors(tmp_path / name)


def test_pickle_beside_a_model(tmp_path, trap):
    torch.save({"weight": trap}, tmp_path / "model.safetensors")
    with pytest.raises(InputError, match=r"model\.safetensors: not the weights of"):
        load_weights(tmp_path / "model.json", torch.nn.Linear(1, 1))


def test_postscript_named_as_an_image_starts_no_interpreter(tmp_path):
    script = "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n(x) (w) file\n%%EOF\n"
    (tmp_path / "1.png").write_text(script)
    with pytest.raises(InputError, match="cannot identify image file"):
        read_image(tmp_path / "1.png", "rgb")
