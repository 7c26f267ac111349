"""Open311 GeoReport v2 in JSON and XML, with mySociety's extension for updates."""

from adapters.products.open311.client import Open311
from adapters.products.open311.codec import Format
from adapters.products.open311.wire import Receipt, Service, ServiceRequest, ServiceType, Update

__all__ = ["Format", "Open311", "Receipt", "Service", "ServiceRequest", "ServiceType", "Update"]
