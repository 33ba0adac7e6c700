#!/bin/sh
# Slurm's three programs for `make test-slurm`, from Debian's packages unless they are there.
set -eu
PATH=$PATH:/usr/sbin
missing=
for program in slurmctld slurmd sbatch; do
  command -v "$program" > /dev/null || missing="$missing $program"
done
[ -z "$missing" ] && exit 0

stop() {
  echo "error: make test-slurm: found no$missing; $1" >&2
  exit 1
}
command -v apt-get > /dev/null || stop "install Slurm's controller, node daemon and client"
[ "$(id -u)" = 0 ] || stop "run, as root: apt-get install slurmctld slurmd slurm-client"

echo "make test-slurm: installs Slurm ($missing missing)"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get -o DPkg::Lock::Timeout=300 install -qq --no-install-recommends slurmctld slurmd slurm-client > /dev/null
