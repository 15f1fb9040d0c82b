"""The rules of inference: each tells what one kind of operation does to a resource, from the evidence that it names."""
