"""The tables of the engine: runs and their steps, the ledger, the work, what was found."""

from runs.models.findings import CallLog, Finding, OwnerDecision, SchemaDeployment
from runs.models.ledger import IdMap, PreImage, Record
from runs.models.run import Run, RunStep
from runs.models.work import Batch, IngestJob

__all__ = [
    "Batch",
    "CallLog",
    "Finding",
    "IdMap",
    "IngestJob",
    "OwnerDecision",
    "PreImage",
    "Record",
    "Run",
    "RunStep",
    "SchemaDeployment",
]
