"""Runs an exported student on a video: python onnx_predict.py student.onnx video.mp4.

Needs av, onnxruntime, numpy and Pillow; everything else is in the file.
"""

import json
import sys

import av
import numpy as np
import onnxruntime
from PIL import Image

session = onnxruntime.InferenceSession(sys.argv[1])
texts = session.get_modelmeta().custom_metadata_map
how, names = json.loads(texts["preprocessing"]), json.loads(texts["classes"])

with av.open(sys.argv[2]) as file:  # Decoded from the first frame on: seeking may give others.
    stream, graph = file.streams.best("video"), av.filter.Graph()
    scale = how["decode_short_side_px"] / min(stream.width, stream.height)
    size = f"{round(stream.width * scale)}:{round(stream.height * scale)}:flags=bilinear"
    steps = graph.add("scale", size), graph.add("format", "rgb24"), graph.add("buffersink")
    graph.link_nodes(graph.add_buffer(template=stream), *steps).configure()
    frames, times = [], []
    for frame in file.decode(stream):
        graph.push(frame)
        frames.append(graph.pull().to_ndarray())
        times.append(frame.time)
        matrix = frame.side_data.get("DISPLAYMATRIX")
if matrix:  # Phones store frames turned or mirrored.
    a, b, _, c, d = np.frombuffer(bytes(matrix), np.int32)[:5].astype(int)
    swap = abs(a) + abs(d) < abs(b) + abs(c)
    x, y = (c, b) if swap else (a, d)
    frames = [frame.swapaxes(0, 1) if swap else frame for frame in frames]
    frames = [frame[:: -1 if y < 0 else 1, :: -1 if x < 0 else 1] for frame in frames]

count, most = len(frames), min(len(frames), how["max_frames"] or len(frames))
times = np.sort(times) - min(times)
rates = [float(stream.average_rate or 0), (count - 1) / max(times[-1], 1e-9)]
even = any(np.abs(times * rate - np.arange(count)).max() < 0.5 for rate in rates)
middles = (np.arange(how["segments"]) + 0.5) / how["segments"]
kept = np.linspace(0, count - 1, most).round().astype(int)
places = (middles * most).astype(int)
if not even:  # Equal steps of time, not of frames.
    kept = [np.abs(times - moment).argmin() for moment in np.linspace(0, times[-1], most)]
    kept = np.unique(kept) if most < count else np.arange(count)
    begin = times[kept] - times[kept[0]]
    begin = begin / (begin[-1] + np.median(np.diff(begin)))
    places = np.searchsorted(begin, middles, side="right") - 1
if how["sees"] != "frames":  # The frame before each, then each.
    places = np.concatenate([(places - 1).clip(0), places])
frames = [frames[kept[place]] for place in places]
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
differences = clip[len(middles) :] - clip[: -len(middles)]  # None where frames alone are seen.
clip = clip[-len(middles) :]
if how["background"] == "subtract":
    clip = clip - clip.mean(0)
if how["sees"] == "both":
    clip = np.concatenate([clip, differences], -1)
elif how["sees"] == "difference":
    clip = differences

logits = session.run(["logits"], {"clips": clip.transpose(0, 3, 1, 2)[None]})[0][0]
shares = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
for label in np.argsort(-shares)[:3]:
    print(f"{shares[label]:6.1%}  {names[label]}")
