"""BRP, Haal Centraal "personen bevragen" 2.x: one endpoint, `POST /personen`."""
