"""Runs an exported student on a video: python onnx_predict.py student.onnx video.mp4.

Needs decord, onnxruntime, numpy and Pillow; everything else is in the file.
"""

import json
import sys

import decord
import numpy as np
import onnxruntime
from PIL import Image

session = onnxruntime.InferenceSession(sys.argv[1])
texts = session.get_modelmeta().custom_metadata_map
how, names = json.loads(texts["preprocessing"]), json.loads(texts["classes"])

height, width = decord.VideoReader(sys.argv[2])[0].shape[:2]
scale = how["decode_short_side_px"] / min(height, width)
size = {"width": round(width * scale), "height": round(height * scale)}
video = decord.VideoReader(sys.argv[2], **size)
kept = np.linspace(0, len(video) - 1, min(len(video), how["max_frames"] or len(video))).round()
part = len(kept) / how["segments"]
wanted = [int(kept[int(part / 2 + part * i)]) for i in range(how["segments"])]
# All frames from the first on: where an AVI stores no times, decord skips to wrong ones.
shown = (video.next() for _ in range(wanted[-1] + 1))
seen = {i: frame.asnumpy() for i, frame in enumerate(shown) if i in wanted}
frames = [seen[i] for i in wanted]
if how["color"] == "grey":
    frames = [np.rint(frame @ np.float32(how["luma"])).astype(np.uint8) for frame in frames]

scale = how["resize_short_side_px"] / min(frames[0].shape[:2])
width, height = int(frames[0].shape[1] * scale), int(frames[0].shape[0] * scale)
frames = [Image.fromarray(f).resize((width, height), Image.Resampling.BILINEAR) for f in frames]
side = how["centre_crop_px"]
left, top = round((width - side) / 2), round((height - side) / 2)
clip = np.stack([np.array(f.crop((left, top, left + side, top + side))) for f in frames])
clip = clip.reshape(*clip.shape[:3], -1)  # [T, H, W, channels], grey or RGB
if how["channel_order"] == "BGR":
    clip = clip[..., ::-1]
clip = (clip - np.float32(how["mean"])) / np.float32(how["std"])
if how["background"] == "subtract":
    clip = clip - clip.mean(0)

logits = session.run(["logits"], {"clips": clip.transpose(0, 3, 1, 2)[None]})[0][0]
shares = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
for label in np.argsort(-shares)[:3]:
    print(f"{shares[label]:6.1%}  {names[label]}")
