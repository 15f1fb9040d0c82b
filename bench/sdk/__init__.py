"""Stories that SDKs of vendors tell on the mock of the vendor's own document."""
