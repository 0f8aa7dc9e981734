"""Who does a job's units: this process, a pool of processes here, or a cluster. Nothing of what they are."""

from harvester.engines.engine import Beat, Engine, InProcess, Job, Tell, Work, no_beat

__all__ = ["Beat", "Engine", "InProcess", "Job", "Tell", "Work", "no_beat"]
