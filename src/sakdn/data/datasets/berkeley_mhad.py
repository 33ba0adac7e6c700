"""Reader of Berkeley MHAD: 12 cameras in 4 clusters, six accelerometers, 11 actions."""

from collections.abc import Mapping

import pandas as pd

from sakdn.data.datasets.find import Tree, open_tree
from sakdn.data.datasets.labels import labels_of_numbers, read_names
from sakdn.data.datasets.multiview import NUMBER, Layout, read_multiview
from sakdn.options.data import DataOptions
from sakdn.options.sensors import SensorOptions

LAYOUT = Layout(
    fields=dict.fromkeys(("cluster", "camera", "subject", "action", "trial"), NUMBER),
    clip="l{cluster}_c{camera}_s{subject}_a{action}_r{trial}",
    recording="s{subject}_a{action}_r{trial}",
    view="l{cluster}_c{camera}",
)


def read_berkeley_mhad(
    data: DataOptions, sensors: Mapping[str, SensorOptions], tree: Tree | None = None
) -> pd.DataFrame:
    """Builds the clips table, in the order of the published list, without split.

    A clip is a folder of frames. The label is the action number less one.

    Args:
        data: pattern of the videos with the fields of `LAYOUT`, and class names.
        sensors: patterns of the signals, with {subject}, {action} and {trial}.
        tree: lists the files; None for those on disk.

    Raises:
        InputError: no such folder, nothing matches, an action without clips or without name.
    """
    table = read_multiview(data, sensors, LAYOUT, tree or open_tree(data.root))
    names = read_names(str(data.classes))
    labels = labels_of_numbers(table["action"].astype(int), names, str(data.classes))
    table = table.drop(columns=["cluster", "camera"])
    return table.assign(action=labels, action_name=[names[label] for label in labels])
