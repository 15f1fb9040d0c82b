"""HTTP Archive (HAR 1.2): exchanges that a browser, a test tool or a proxy has recorded."""
