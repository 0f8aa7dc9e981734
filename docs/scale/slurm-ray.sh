#!/usr/bin/env bash
# A Ray cluster of a Slurm job's nodes, and a rebuild on it; it ends with the rebuild. See docs/scale.md.
#   sbatch --nodes=4 docs/scale/slurm-ray.sh /shared/out /shared/warcs
#SBATCH --job-name=rebuild-ray
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=8
#SBATCH --mem-per-cpu=1G
#SBATCH --time=12:00:00
#SBATCH --requeue
set -euo pipefail
if (($# < 2)); then
  echo "usage: sbatch --nodes=N $0 OUTPUT INPUT... (folders that all nodes share, or URLs)" >&2
  exit 2
fi
output=$1
shift
export RAY_USAGE_STATS_ENABLED=0
# A token of this cluster's own, so that other users of the nodes cannot run programs in it.
export RAY_AUTH_MODE=token RAY_AUTH_TOKEN
RAY_AUTH_TOKEN=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
mapfile -t nodes < <(scontrol show hostnames "$SLURM_JOB_NODELIST")
head=${nodes[0]}
# An address, not a name, and as another node knows it: many a machine has its own name at 127.0.1.1 (/etc/hosts).
first_address() { awk 'NR == 1 {print $1}'; }
ip=$(srun --nodes=1 --ntasks=1 --nodelist="${nodes[-1]}" getent ahostsv4 "$head" | first_address) ||
  { echo "${nodes[-1]} knows no address of $head (getent ahostsv4 $head)" >&2; exit 1; }
# A port of this job's own: others may use the node.
port=$((20000 + SLURM_JOB_ID % 20000))
cpus=${SLURM_CPUS_PER_TASK:-1}

started=()
trap 'kill "${started[@]}" 2>/dev/null || true; wait || true' EXIT
srun --nodes=1 --ntasks=1 --nodelist="$head" \
  ray start --head --node-ip-address="$ip" --port="$port" --num-cpus="$cpus" --include-dashboard=false --block &
started+=($!)
until ray status --address="$ip:$port" >/dev/null 2>&1; do
  kill -0 "${started[0]}" 2>/dev/null || { echo "the head at $ip:$port ended; see above" >&2; exit 1; }
  sleep 2
done
for node in "${nodes[@]:1}"; do
  own=$(getent ahostsv4 "$node" | first_address) ||   # this runs on the head
    { echo "$head knows no address of $node (getent ahostsv4 $node)" >&2; exit 1; }
  srun --nodes=1 --ntasks=1 --nodelist="$node" \
    ray start --address="$ip:$port" --node-ip-address="$own" --num-cpus="$cpus" --block &
  started+=($!)
done
# Not `exec`: the trap ends the cluster. Nodes that come late are given work when they come.
harvester rebuild "$@" --output "$output" --format "${FORMAT:-jsonl}" --engine ray --address "$ip:$port"
