"""What a document promises."""
