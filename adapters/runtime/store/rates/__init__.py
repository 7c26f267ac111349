"""Rates that processes keep together: buckets of units in the engine that the store's URL names."""

from adapters.runtime.store.rates.contract import Bucket, Rates, Taken
from adapters.runtime.store.rates.opening import open_rates

__all__ = ["Bucket", "Rates", "Taken", "open_rates"]
