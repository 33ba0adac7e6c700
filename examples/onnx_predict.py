"""Runs an exported student on a video, without PyTorch; this package reads the frames."""

import argparse
import json

import numpy as np
import onnxruntime

from sakdn.students.frames.exported import exported_input

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("student", help="what `sakdn export MODEL --to onnx` wrote (.onnx)")
parser.add_argument("video", help="a file that training could take")
arguments = parser.parse_args()

session = onnxruntime.InferenceSession(arguments.student)
texts = session.get_modelmeta().custom_metadata_map
how, names = json.loads(texts["preprocessing"]), json.loads(texts["classes"])
logits = session.run(["logits"], {"clips": exported_input(arguments.video, how)})[0][0]
shares = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
for label in np.argsort(-shares)[:3]:
    print(f"{shares[label]:6.1%}  {names[label]}")
