"""Small servers that are correct in an unusual way, or wrong in one, and the documents that they are judged by."""
