#!/usr/bin/env bash
# One share of a rebuild for each task of a Slurm job array; no engine. See docs/scale.md.
#   together=$(sbatch --parsable --array=1-16 docs/scale/slurm-array.sh /shared/out /shared/warcs)
#   sbatch --dependency="afterany:$together" docs/scale/slurm-together.sh /shared/out /shared/warcs
#SBATCH --job-name=rebuild
#SBATCH --cpus-per-task=4
#SBATCH --mem-per-cpu=1G
#SBATCH --time=12:00:00
#SBATCH --requeue
set -euo pipefail
if (($# < 2)); then
  echo "usage: sbatch --array=1-N $0 OUTPUT INPUT... (folders that all nodes share, or URLs)" >&2
  exit 2
fi
: "${SLURM_ARRAY_TASK_ID:?it is the number of a share: submit this with sbatch --array=1-N}"
if [[ -z ${SHARES:-} && ${SLURM_ARRAY_TASK_MIN:-1} != 1 ]]; then
  echo "shares are numbered from 1 (--array=1-N); for one of them again say SHARES=N" >&2
  exit 2
fi
# A share that failed may be submitted again alone: SHARES=16 sbatch --array=3 …
shares=${SHARES:-${SLURM_ARRAY_TASK_MAX:?}}
output=$1
shift
exec harvester rebuild "$@" --output "$output" --format "${FORMAT:-jsonl}" \
  --shard "$SLURM_ARRAY_TASK_ID/$shares" --workers "${SLURM_CPUS_PER_TASK:-1}"
