#!/usr/bin/env bash
# After the shares of docs/scale/slurm-array.sh: does what a share did not finish, and puts all together.
#SBATCH --job-name=rebuild-together
#SBATCH --cpus-per-task=4
#SBATCH --mem-per-cpu=1G
#SBATCH --time=4:00:00
set -euo pipefail
if (($# < 2)); then
  echo "usage: sbatch $0 OUTPUT INPUT... (the same as of the shares)" >&2
  exit 2
fi
output=$1
shift
exec harvester rebuild "$@" --output "$output" --format "${FORMAT:-jsonl}" --workers "${SLURM_CPUS_PER_TASK:-1}"
