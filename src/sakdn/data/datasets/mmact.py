"""Reader of MMAct: four cameras and four wearable sensors, 35 actions.

Two faults of the published lists are corrected (facts of the release, defects 14 and 15):
* The authors' class file has two names for the one folder `transferring_object`: line 14 (from 0)
  "object transfering", which no clip of theirs has, and line 31 "transferring large object", which
  theirs have. Here the folder is one class, called by its name, at the place of line 14; line 31 is
  left out and the labels after it are one less, for labels have no gaps.
* The four clips in folders `Carrying_light`, with a capital, are labelled as carrying light and not
  as waving hand.
"""

from collections.abc import Mapping

import pandas as pd

from sakdn.data.datasets.find import Tree, open_tree
from sakdn.data.datasets.labels import labels_of_words, read_names
from sakdn.data.datasets.multiview import NUMBER, Layout, read_multiview
from sakdn.options.data import DataOptions
from sakdn.options.sensors import SensorOptions

LAYOUT = Layout(
    fields=dict.fromkeys(("subject", "view", "scene", "session"), NUMBER)
    | {"action": "[A-Za-z_]{1,60}"},
    clip="subject{subject}_cam{view}_scene{scene}_session{session}_{action}",
    recording="subject{subject}_scene{scene}_session{session}_{action}",
    view="{view}",
)


def read_mmact(
    data: DataOptions, sensors: Mapping[str, SensorOptions], tree: Tree | None = None
) -> pd.DataFrame:
    """Builds the clips table, in the order of the published lists, without split.

    The label is the line of the action's name in the class file.

    Args:
        data: pattern of the videos with the fields of `LAYOUT`, and class names.
        sensors: patterns of the signals, with the same fields but {view}.
        tree: lists the files; None for those on disk.

    Raises:
        InputError: no such folder, nothing matches, an action without clips or without name.
    """
    table = read_multiview(data, sensors, LAYOUT, tree or open_tree(data.root))
    names = read_names(str(data.classes))
    words = table["action"].str.replace("_", " ")
    labels = labels_of_words(words, names, str(data.classes))
    return table.assign(action=labels, action_name=words)
