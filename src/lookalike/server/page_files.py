"""Responses with the files of a page that the mock serves about itself: the console and the reference."""

import flask


def page_file(content: bytes, media_type: str, policy: str) -> flask.Response:
    """The response with a file, under a Content-Security-Policy; a browser asks each time whether it is still this."""
    response = flask.Response(content, mimetype=media_type)
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-cache"
    return response
