"""Makes requests of any operation: values that fit what the document says, and how they are written."""
