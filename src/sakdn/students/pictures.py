"""What a student sees of some clips while it is trained, and where it looks."""

import torch
from torch.nn import functional as F

from sakdn.losses.ablation import ablation_weights, class_score, weighted_map
from sakdn.students.scores import run_student
from sakdn.students.task import VideoTask

CLIPS, TAP = 8, 2


def sample_pictures(task: VideoTask) -> dict[str, torch.Tensor]:
    """The middle frames of some clips of `val`, and the same where their third tap says most.

    Nothing of the training changes by it.

    Returns:
        `images` and `saliency`, each [k, 3, H, W] in 0..1, on the CPU.
    """
    source, rows = task.data.source, task.data.rows["val"][:CLIPS]
    middle = source.view.segments // 2 - source.view.segments  # From the end: differences first.
    frames = [clip.pixels[middle] for clip in source.read_eval(rows).clips]
    images = torch.stack([frame.expand(3, -1, -1) for frame in frames]).float() / 255
    task.student.eval()
    output = run_student(task.student, source.eval_batch(rows).clips, task.precision)
    tap = output.frame_taps[TAP]
    (weights,) = ablation_weights([tap], class_score(output.logits))
    maps = weighted_map(tap.detach(), weights).float().cpu()
    maps = maps.unflatten(0, (len(rows), -1)).mean(1, keepdim=True)
    large = F.interpolate(maps, images.shape[-2:], mode="bilinear")
    highest = large.amax((1, 2, 3), keepdim=True).clamp_min(torch.finfo(large.dtype).tiny)
    return {"images": images, "saliency": images * large / highest}
