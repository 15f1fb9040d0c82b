"""The oracle: predictions of the model, compared with the answers of the server under test."""
