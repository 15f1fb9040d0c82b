"""OpenAPI documents: from text in YAML or JSON, of any version, to one sound document of OpenAPI 3.1."""
