"""Runs an exported student on a video: python onnx_predict.py student.onnx video.mp4.

This package reads the frames, so that they are those of `predict`; PyTorch is not needed.
"""

import argparse
import json

import numpy as np
import onnxruntime
from PIL import Image

from sakdn.data.readers.video import plan_clip, read_clip
from sakdn.options.frames import FramesOptions
from sakdn.students.frames.sampling import eval_indices, with_previous

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("student", help="what `sakdn export MODEL --to onnx` wrote (.onnx)")
parser.add_argument("video", help="a file that training could take")
arguments = parser.parse_args()

session = onnxruntime.InferenceSession(arguments.student)
texts = session.get_modelmeta().custom_metadata_map
how, names = json.loads(texts["preprocessing"]), json.loads(texts["classes"])

keys = {key: how[key] for key in ("color", "max_frames", "depth_range_mm")}
options = FramesOptions(short_side_px=how["decode_short_side_px"], **keys)
plan = plan_clip(arguments.video, options)
stored = np.concatenate(list(read_clip(arguments.video, plan, options)))
middles = eval_indices(len(stored), how["segments"], plan.timing.starts())
seen = stored[with_previous(middles, how["sees"])]
short, side = how["resize_short_side_px"], how["centre_crop_px"]
size = [px * short // min(plan.width, plan.height) for px in (plan.width, plan.height)]
left, top = (round((px - side) / 2) for px in size)
box = (left, top, left + side, top + side)
pictures = (Image.fromarray(f.squeeze()).resize(size, Image.Resampling.BILINEAR) for f in seen)
clip = np.stack([np.array(p.crop(box)).reshape(side, side, -1) for p in pictures])
clip = clip[..., ::-1] if how["channel_order"] == "BGR" else clip  # [segments, side, side, C]
clip = (clip - np.float32(how["mean"])) / np.float32(how["std"])
differences = clip[len(middles) :] - clip[: -len(middles)]  # None where frames alone are seen.
clip = clip[-len(middles) :]
clip = clip - clip.mean(0) if how["background"] == "subtract" else clip
sees = {"frames": [clip], "difference": [differences], "both": [clip, differences]}
clip = np.concatenate(sees[how["sees"]], -1).transpose(0, 3, 1, 2)[None]

logits = session.run(["logits"], {"clips": clip})[0][0]
shares = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
for label in np.argsort(-shares)[:3]:
    print(f"{shares[label]:6.1%}  {names[label]}")
