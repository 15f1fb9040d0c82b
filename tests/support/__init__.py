"""Parts that many tests share: mocks in process and as processes, small documents, hand-written servers."""
