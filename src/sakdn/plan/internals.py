"""Where Snakemake's inside is touched: another version of it loses the comfort, not the run."""

import logging
import signal
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any

from sakdn.plan.screen import Screen

SNAKEMAKE = ("snakemake.logging", "DefaultStreamHandler")


def put_screen(workflow: Any) -> Screen | None:
    """Puts ours in the place of Snakemake's own screen.

    None where another one was asked for, or where `workflow` only imports this one.
    """
    if not getattr(workflow.modifier, "is_main_snakefile", bool)():
        return None
    logger = logging.getLogger(SNAKEMAKE[0])
    for handler in list(logger.handlers):
        if handler.name == SNAKEMAKE[1] and isinstance(handler, logging.StreamHandler):
            screen = Screen(handler, workflow.output_settings.dryrun)
            screen.name = handler.name
            logger.removeHandler(handler)
            logger.addHandler(screen)
            return screen
    return None


def look_less(workflow: Any) -> None:
    """Takes away Snakemake's limit of jobs a second.

    It makes Snakemake look at all waiting jobs every second, once more for each job that has ended:
    a third of a core after 80 of them.
    """
    scheduler = getattr(workflow, "scheduler", None)
    if scheduler is not None and hasattr(scheduler, "job_rate_limiter"):
        with suppress(AttributeError):
            scheduler.job_rate_limiter = None


def hear_sigterm(workflow: Any) -> None:
    """Lets a thread of its own tell Snakemake's scheduler of SIGTERM.

    Its own handler (9.27) asks for a lock that the main thread holds while it chooses and finishes
    jobs. It interrupts that thread, so that a SIGTERM at such a moment made both wait for ever.
    """
    told = getattr(getattr(workflow, "scheduler", None), "exit_gracefully", None)
    if told is None or signal.getsignal(signal.SIGTERM) != told:
        return
    heard: SimpleQueue[int] = SimpleQueue()  # Unlike the others it may be interrupted by itself.

    def tell() -> None:
        while True:
            told(heard.get())

    Thread(target=tell, daemon=True).start()
    signal.signal(signal.SIGTERM, lambda number, frame: heard.put(number))
