"""X-Road: the envelope through which departments reach each other, REST and SOAP."""
