"""Options of what jobs may use (config key `resources`)."""

from typing import Any

from pydantic import Field, model_validator

from sakdn.base.options import Options, onto_defaults


class RuleResources(Options):
    """What one job of a rule asks for."""

    threads: int = Field(ge=1, description="CPU threads of a job.")
    mem_mb: int = Field(ge=200, description="Memory of a job in MB, times the attempt.")
    runtime: int = Field(ge=1, description="Minutes of a job, times the attempt.")
    gpu: int = Field(
        ge=0, le=1, description="GPUs of a job, 1 or 0; without one it runs on the CPU."
    )


def _asks(threads: int, mem_mb: int, runtime: int, gpu: int) -> RuleResources:
    return RuleResources(threads=threads, mem_mb=mem_mb, runtime=runtime, gpu=gpu)


class ResourcesOptions(Options):
    """Threads, memory, minutes and GPUs of each rule.

    Memory: half as much again as the largest run measured on small networks, plus Snakemake's own
    on a cluster; for networks that of a GPU's libraries too.
    """

    demo_data: RuleResources = _asks(2, 1000, 20, 0)
    check: RuleResources = _asks(8, 2000, 240, 0)
    weights: RuleResources = _asks(1, 2000, 30, 0)
    clips: RuleResources = _asks(1, 1000, 30, 0)
    frames: RuleResources = _asks(1, 1000, 240, 0)
    gaf: RuleResources = _asks(1, 1500, 120, 0)
    semantics: RuleResources = _asks(1, 500, 60, 0)
    teacher: RuleResources = _asks(1, 3000, 480, 1)
    fusion: RuleResources = _asks(1, 3000, 480, 1)
    knowledge: RuleResources = _asks(1, 3000, 120, 1)
    student: RuleResources = _asks(1, 4000, 1440, 1)
    evaluate: RuleResources = _asks(1, 3000, 60, 1)
    explain: RuleResources = _asks(1, 3000, 30, 1)
    report: RuleResources = _asks(1, 1000, 30, 0)

    @model_validator(mode="before")
    @classmethod
    def _keep_the_rest(cls, values: Any) -> Any:
        return onto_defaults(cls, values)
