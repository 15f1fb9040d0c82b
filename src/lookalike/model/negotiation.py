"""Content negotiation: whether a client takes a media type (RFC 9110 section 12.5.1)."""


def accepts(field: str, media_type: str) -> bool:
    """Whether an Accept field allows a media type; the most specific range that covers it decides."""
    if field in ("*/*", media_type, ""):
        return True
    kind = media_type.partition("/")[0]
    quality = {name: value for name, value in map(_range, field.split(",")) if name}
    decisive = next((name for name in (media_type, f"{kind}/*", "*/*") if name in quality), None)
    return decisive is not None and quality[decisive] > 0


def _range(text: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    weight = next((part[2:] for part in parameters if part.startswith("q=")), "1")
    try:
        return name, float(weight)
    except ValueError:
        return name, 1.0
