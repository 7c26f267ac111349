"""What every department server shares: declaration, misbehaviour on demand, counters, control."""

from sandbox.kit.app import asgi
from sandbox.kit.department import Call, Department, Faults, Operation
from sandbox.kit.forms import FormError, form_fields
from sandbox.kit.journal import Usage, note_usage
from sandbox.kit.scenario import Kind, Scenario, ScenarioError

__all__ = [
    "Call",
    "Department",
    "Faults",
    "FormError",
    "Kind",
    "Operation",
    "Scenario",
    "ScenarioError",
    "Usage",
    "asgi",
    "form_fields",
    "note_usage",
]
