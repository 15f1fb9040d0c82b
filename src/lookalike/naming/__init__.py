"""Names that mean the same in most APIs, compared without regard to case and punctuation.

A name is the weakest evidence: it is used only beside a schema or the shape of a path. Every list of names here has
them `normalised`.
"""
