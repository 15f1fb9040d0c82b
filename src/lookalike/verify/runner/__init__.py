"""The runner of stories: it sends requests, creates, finds and deletes items, and compares answers with predictions."""
