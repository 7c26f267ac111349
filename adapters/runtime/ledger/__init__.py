"""The ledger of orders to departments: nothing lost, nothing twice. Its decision is docs/decisions/0020."""

from adapters.runtime.ledger.conclusion import conclude
from adapters.runtime.ledger.contract import LedgerUnavailable
from adapters.runtime.ledger.delivery import Means
from adapters.runtime.ledger.desk import Desk, Refused
from adapters.runtime.ledger.filing import Ledger
from adapters.runtime.ledger.opening import check_ledger, desk_at, ledger_at, open_engine, open_sealer
from adapters.runtime.ledger.papers import Papers, Unreadable
from adapters.runtime.ledger.schedule import Patience
from adapters.runtime.ledger.worker import Worker

__all__ = [
    "Desk",
    "Ledger",
    "LedgerUnavailable",
    "Means",
    "Papers",
    "Patience",
    "Refused",
    "Unreadable",
    "Worker",
    "check_ledger",
    "conclude",
    "desk_at",
    "ledger_at",
    "open_engine",
    "open_sealer",
]
