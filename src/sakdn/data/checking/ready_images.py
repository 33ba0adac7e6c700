"""Reads one ready image of a sensor and says what is odd about it."""

from pathlib import Path

import numpy as np

from sakdn.base.errors import InputError
from sakdn.data.checking.signals import SignalFacts
from sakdn.data.clips.problems import Finding, digest_of, refusal
from sakdn.data.readers.ready_image import read_ready_image


def check_ready_image(path: Path) -> SignalFacts:
    """Reads a ready image; its channels count as axes."""
    try:
        image = read_ready_image(path)
        digest = digest_of([path])
    except InputError as error:
        return SignalFacts((refusal(path, error),))
    findings: tuple[Finding, ...] = ()
    if np.ptp(image) == 0:
        found = f"is of value {image.flat[0]} throughout, as where a sensor is missing"
        findings = (Finding("constant_image", "warning", found),)
    return SignalFacts(findings, digest, len(image), side_px=image.shape[-1])
