"""A Slurm of its own for tests: a controller and two nodes on loopback, two GPUs that are none."""

import getpass
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

PROGRAMS = ("setpriv", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scontrol", "scancel")
NODES = ("cpu1", "gpu1")

# No munge and no cgroups: neither daemons of the system nor rights of root are needed. Nodes are
# said to have more than this machine has (config_overrides). Jobs stay in the records for an hour,
# and one that uses more memory than it asked for is ended (OverMemoryKill).
SLURM_CONF = """\
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/none
CredType=cred/none
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=sched_interval=1,bf_interval=1
EnforcePartLimits=ALL
GresTypes=gpu
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
MinJobAge=3600
DefMemPerCPU=500
KillWait=5
ReturnToService=2
SlurmdParameters=config_overrides
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmdLogFile={folder}/slurmd.%n.log
SlurmdSpoolDir={folder}/spool.%n
StateSaveLocation={folder}/state
NodeName=DEFAULT CPUs=4 RealMemory=16000
NodeName=cpu1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]}
NodeName=gpu1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} Gres=gpu:2
PartitionName=cpu Nodes=cpu1 Default=YES MaxTime=1440 State=UP
PartitionName=gpu Nodes=gpu1 MaxTime=1440 State=UP
"""
# Slurm wants devices as GPUs; these two do no harm.
GRES_CONF = "NodeName=gpu1 Name=gpu File=/dev/null\nNodeName=gpu1 Name=gpu File=/dev/zero\n"
# Snakemake's plugin takes SLURM_CONF from the environment of a job before it calls srun.
SRUN = '#!/bin/sh\nSLURM_CONF={conf} exec {srun} "$@"\n'


class PrivateSlurm:
    """Starts the daemons in `folder` and stops them, and all that their jobs started."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.conf = folder / "slurm.conf"
        self.daemons = []
        path = f"{folder / 'bin'}:{os.environ['PATH']}:/usr/sbin"
        self.env = os.environ | {"SLURM_CONF": str(self.conf), "PATH": path}

    def __enter__(self):
        missing = [name for name in PROGRAMS if not shutil.which(name, path=self.env["PATH"])]
        assert not missing, f"Slurm is not installed (no {missing}): `make test-slurm` does it"
        self.write_files()
        try:
            self.start("slurmctld")
            for node in NODES:
                self.start("slurmd", "-N", node)
            self.wait_for("both nodes", lambda: self.call("sinfo", "-hN", "-t", "idle"), lines=2)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def write_files(self):
        (self.folder / "bin").mkdir(parents=True)
        (self.folder / "state").mkdir()
        host = socket.gethostname().split(".")[0]
        settings = {"host": host, "user": getpass.getuser(), "folder": self.folder}
        self.conf.write_text(SLURM_CONF.format(ports=free_ports(3), **settings))
        (self.folder / "gres.conf").write_text(GRES_CONF)
        (self.folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n")
        srun = self.folder / "bin/srun"
        srun.write_text(SRUN.format(conf=self.conf, srun=shutil.which("srun")))
        srun.chmod(0o755)

    def start(self, *command):
        """A daemon that Ctrl-C does not end before its jobs, but that ends with this process."""
        program = shutil.which(command[0], path=self.env["PATH"])
        with (self.folder / "daemons.txt").open("a") as printed:
            daemon = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", program, "-D", *command[1:]],
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=printed,
                start_new_session=True,
            )
        self.daemons.append(daemon)

    def stop(self):
        self.call("scancel", "-u", getpass.getuser())
        try:
            self.wait_for("an empty queue", lambda: self.call("squeue", "-h"), lines=0, seconds=20)
        finally:
            for daemon in reversed(self.daemons):
                daemon.terminate()
            for daemon in self.daemons:
                daemon.wait(timeout=20)
            self.end_strays()

    def end_strays(self):
        """Ends what outlived its job: processes that were started by a job of this Slurm."""
        mark = f"SLURM_CONF={self.conf}".encode()
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                environment = path.read_bytes().split(b"\0")
                if mark in environment and any(e.startswith(b"SLURM_JOB_ID=") for e in environment):
                    os.kill(int(path.parent.name), signal.SIGKILL)
            except (PermissionError, FileNotFoundError, ProcessLookupError):
                continue  # of somebody else, or gone

    def call(self, *command):
        """What a command of Slurm printed; nothing if it failed."""
        done = subprocess.run(command, env=self.env, text=True, capture_output=True, check=False)
        return done.stdout if done.returncode == 0 else ""

    def wait_for(self, what, look, lines, seconds=60):
        end = time.monotonic() + seconds
        while len(look().splitlines()) != lines:
            dead = [daemon.args for daemon in self.daemons if daemon.poll() is not None]
            if dead or time.monotonic() > end:
                raise TimeoutError(f"Slurm: no {what}, dead: {dead}\n{self.said()}")
            time.sleep(0.2)

    def said(self):
        """The last words of the daemons."""
        logs = [*sorted(self.folder.glob("*.log")), self.folder / "daemons.txt"]
        return "\n".join(f"{log.name}: {log.read_text()[-1500:]}" for log in logs if log.exists())

    def jobs(self):
        """What Slurm has on record of every job, in the order of submission."""
        text = self.call("scontrol", "show", "job", "-o")
        jobs = [dict(re.findall(r"(\S+?)=(\S*)", line)) for line in text.splitlines()]
        return sorted((job for job in jobs if job), key=lambda job: int(job["JobId"]))


def free_ports(count):
    """Ports that nobody listens on, different from each other."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
