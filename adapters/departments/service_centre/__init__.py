"""Administrative Service Centre: appointments, offices and services over its ZMS citizen API."""
