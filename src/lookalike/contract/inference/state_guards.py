"""Guards: the states of an item in which an operation is refused, as the text of the operation or of a refusal says.

"Only drafts can be deleted", "Cannot be cancelled once completed", "409 if the order is already shipped". A sentence
counts if all of it is understood: one with a further condition or exception says nothing here.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from lookalike.contract.inference.inferred import OperationKey
from lookalike.contract.inference.raw_operation import RawOperation
from lookalike.contract.inference.resources.resource_guess import Paths, ResourceGuess
from lookalike.contract.inference.rules.rule import Inference
from lookalike.contract.inference.sent_items import item_sent
from lookalike.contract.inference.states import states_of
from lookalike.contract.inference.verbs import participles_of, verb_of
from lookalike.contract.path_segments import last_segment, parameter
from lookalike.naming.members import initial_state, is_plain_state, is_state
from lookalike.naming.words import singular, words_of

_LONGEST = 2000  # characters of a text
_STATUSES = ("409", "422", "423", "400", "403")
_CONFLICT = "409"
_SENTENCE_END = re.compile(r"[.;!?](?=\s|$)|\n\s*\n")  # before a colon may stand for whom it holds
_MARKS = re.compile(r"[`\"'*_]+(?=\W|$)|(?<!\w)[`\"'*_]+")
# The verbs for what a method does, where its path does not end in one.
_VERBS: Mapping[str, tuple[str, ...]] = {
    "delete": ("delete", "remove", "destroy", "erase"),
    "put": ("change", "update", "edit", "modify", "replace", "alter"),
    "patch": ("change", "update", "edit", "modify", "alter"),
}

_CAN = r"(?:can|may|could)"
_CANNOT = r"(?:cannot|can not|can't|can’t|may not|must not|could not)"
_IS = r"(?:(?:is|are|was|were|has been|have been|be|been|being|has|have|still|currently|already|yet) )*"
_SUBJECT = r"(?:(?:the|this|that|an?|its|their) )?(?:NOUN|it|they)(?:'s)?"
_STATUS = r"(?: (?:status|state))?"
_ABOUT = rf"(?:(?:{_SUBJECT}{_STATUS}|(?:the |its |their )?(?:status|state)) )?{_IS}"
_IN = r"(?:(?:in|of|with|having) )?(?:the )?(?:(?:status|state)(?: of)? )?STATES(?: (?:status|state|one|NOUN))?"
_WHILE = r"(?:while|when|if|as long as|in|from|for)"
_ONCE = r"(?:once|after|when|if|while|as soon as|because|since|in)"
_NO = r"(?:not(?: yet)?|no longer)"
_FAILS = (
    r"(?:(?:it|this|the (?:request|operation|call)) )?(?:(?:returns?|answers?|responds?|fails?|is|gives|error|with|an?"
    r"|refused|rejected|forbidden|conflict|status|not (?:allowed|possible|permitted)|4[0-9]{2}) )+"
)
_POSSIBLE = r"(?:allowed|possible|permitted|available|valid)"
_BE_DONE = r"be DONE(?: any ?more| any longer)?"
_IS_NOT = rf"{_ABOUT}{_NO} {_IS}{_IN}"
_IS_IN = rf"{_ABOUT}{_IN}(?: already)?"

# Sentences that tell in which states alone an operation is possible, and in which it is not. NOUN stands for the nouns
# of the item, DO and DONE for the verb and its participles, and STATES for the words of states.
_ALLOWED = (
    rf"only STATES(?: NOUN)? {_CAN} {_BE_DONE}",
    rf"only NOUN (?:(?:that|which) {_IS})?{_IN} {_CAN} {_BE_DONE}",
    rf"(?:you )?{_CAN} only DO STATES(?: NOUN)?",
    rf"(?:{_SUBJECT} )?(?:{_CAN} only {_BE_DONE}|{_CAN} {_BE_DONE} only) {_WHILE} {_ABOUT}{_IN}",
    rf"(?:is )?(?:only {_POSSIBLE}|{_POSSIBLE} only) {_WHILE} {_ABOUT}{_IN}",
    rf"{_SUBJECT}{_STATUS} (?:must|has to|have to|needs? to) (?:still )?be {_IN}(?: to be DONE)?",
    rf"(?:{_SUBJECT} )?{_CANNOT} {_BE_DONE} unless {_ABOUT}{_IN}",
    rf"{_FAILS}unless {_ABOUT}{_IN}",
    rf"{_FAILS}{_WHILE} {_IS_NOT}",
)
_FORBIDDEN = (
    rf"(?:{_SUBJECT} )?{_CANNOT} {_BE_DONE} {_ONCE} {_ABOUT}{_IN}",
    rf"(?:{_SUBJECT} )?{_CAN} (?:only )?{_BE_DONE} (?:until|before) {_ABOUT}{_IN}",
    rf"STATES(?: NOUN)? {_CANNOT} {_BE_DONE}",
    rf"NOUN (?:that|which) {_IS}{_IN} {_CANNOT} {_BE_DONE}",
    rf"(?:you )?{_CANNOT} DO STATES(?: NOUN)?",
    rf"{_FAILS}{_ONCE} {_IS_IN}",
    rf"{_FAILS}for {_IN}",
)
# The same in the description of a refusal.
_REFUSED_UNLESS = (rf"(?:(?:if|when|because|since) )?{_IS_NOT}",)
_REFUSED_IF = (rf"(?:(?:if|when|because|since|once) )?{_IS_IN}", r"(?:(?:the )?NOUN )?already STATES")
_LEAD = r"(?:(?:note|important|conflict|error|forbidden|bad request|invalid state|4[0-9]{2}) ?[-–—:,]? ?)?"
_TAIL = r"(?:,? (?:or )?(?:otherwise|else)\b.*| ?\([^()]*[0-9]{3}[^()]*\))?"


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"{_LEAD}(?:{'|'.join(patterns)}){_TAIL}")


# By whether the sentence is that of a refusal: the pattern of those about states that are allowed, and that are not.
_PATTERNS: Mapping[bool, tuple[re.Pattern[str], re.Pattern[str]]] = {
    False: (_any_of(_ALLOWED), _any_of(_FORBIDDEN)),
    True: (_any_of((*_ALLOWED, *_REFUSED_UNLESS)), _any_of((*_FORBIDDEN, *_REFUSED_IF))),
}

Values = Sequence[str | bool]


class _ToldGuard(NamedTuple):
    """The status with which an operation is refused, and the values of members for which it is."""

    status: str
    where: Mapping[str, Values]


def operations_with_guards(
    paths: Paths, found: Mapping[OperationKey, Inference], guesses: Mapping[str, ResourceGuess]
) -> Iterator[tuple[OperationKey, Inference]]:
    """The operations whose texts tell in which states of an item they are refused, with those."""
    known = {name: _States(guess) for name, guess in guesses.items() if not guess.is_single}
    for (path, method), (extension, words) in found.items():
        select = extension.get("select", {})
        states = known.get(select.get("resource", ""))
        if states is None or method == "get" or not extension.get("apply"):
            continue
        guard = _guard(paths[path][method], states)
        where = _beyond_done(guard.where, select) if guard is not None else {}
        if guard is not None and where and _leaves_any(where, states, paths, found):
            told = " or ".join(f"{name} is {', '.join(map(str, values))}" for name, values in where.items())
            guarded = {**select, "guard": {"status": guard.status, "where": where}}
            yield (path, method), ({**extension, "select": guarded}, f"{words}, refused where {told}")


def _beyond_done(where: Mapping[str, Values], select: Mapping[str, Any]) -> dict[str, Values]:
    """The values that refuse an operation, but for those that it leads to, where these are refused as done already."""
    done = select.get("refused", {}).get("where", {})
    rest = {name: [one for one in values if done.get(name) != one] for name, values in where.items()}
    return {name: values for name, values in rest.items() if values}


def _leaves_any(
    where: Mapping[str, Values], states: "_States", paths: Paths, found: Mapping[OperationKey, Inference]
) -> bool:
    """Whether items begin in a state in which the operation is not refused, or a request brings them into one."""
    for name, refused in where.items():
        words = states.values[name]
        reached = {initial_state(words), states.default(name)} if name in states.texts else {*words}
        for (path, method), (extension, _) in found.items():
            steps = extension.get("apply", ())
            resources = {step.get("create", extension.get("select", {})).get("resource") for step in steps}
            if states.resource.name not in resources:
                continue
            sent = item_sent(paths[path][method], extension)
            reached |= {*words} if sent is not None and name in sent.members else set()
            fields = [step["set"].get("fields", {}) for step in steps if "set" in step]
            reached |= {one[name] for one in fields if isinstance(one.get(name), str)}
        if not reached & ({*words} - {*refused}):
            return False
    return True


def _guard(operation: RawOperation, states: "_States") -> _ToldGuard | None:
    """The guard that the text of an operation, or else the description of a refusal, tells of; None if none does."""
    documented = [status for status in _STATUSES if status in operation.statuses]
    verbs = _verbs(operation)
    for sentence in _sentences(operation.text):
        if where := states.refused(sentence, verbs, is_refusal=False):
            named = (status for status in documented if status in sentence)
            return _ToldGuard(next(named, next(iter(documented), _CONFLICT)), where)
    for status in documented:
        for sentence in _sentences(operation.text_of_status(status)):
            if where := states.refused(sentence, verbs, is_refusal=True):
                return _ToldGuard(status, where)
    return None


def _sentences(text: str) -> Iterator[str]:
    """The sentences of a text, in lower case and without marks around words."""
    for sentence in _SENTENCE_END.split(text[:_LONGEST].lower()):
        yield _MARKS.sub("", " ".join(sentence.split())).strip(" .")


def _verbs(operation: RawOperation) -> tuple[str, ...]:
    """The verbs for what an operation does."""
    last, title = last_segment(operation.path), words_of(operation.text)[:1]
    verbs = [*_VERBS.get(operation.method, ()), *map(singular, title)]  # "Cancels" is formed as a plural is
    return tuple(filter(str.isalpha, verbs if parameter(last) else [*verbs, verb_of(last)]))


class _States:
    """The states of the items of a resource, by the members that tell them, and the words for them."""

    def __init__(self, resource: ResourceGuess) -> None:
        self.resource = resource
        members = resource.schema.members.items()
        self.texts = {name: words for name, one in members if is_state(name) and (words := states_of(name, one))}
        flags = (name for name, one in members if one.is_flag)
        self.values: Mapping[str, Values] = {**self.texts, **dict.fromkeys(flags, (True, False))}

    def default(self, member: str) -> Any:
        """The state that the schema says is the default."""
        return self.resource.schema.members[member].keyword("default")

    def refused(self, sentence: str, verbs: Sequence[str], is_refusal: bool) -> Mapping[str, Values]:
        """The values of a member with which a sentence says that an operation is refused; empty if it says nothing."""
        if not self._words or (listed := self._listed.search(sentence)) is None:
            return {}
        plain = self._nouns.sub("NOUN", self._listed.sub("STATES", _about(verbs).sub(_as_verb, sentence)))
        for pattern, is_allowed in zip(_PATTERNS[is_refusal], (True, False), strict=True):
            if pattern.fullmatch(plain):
                listed = self._listed.search(_about(verbs).sub("", sentence)) or listed
                return self._values_of(listed[0], is_allowed)
        return {}

    def _values_of(self, told: str, is_allowed: bool) -> Mapping[str, Values]:
        """The values that some words refuse, or leave alone; empty if they are about several members."""
        found = [state for word, state in self._words.items() if re.search(rf"\b(?:{word})\b", told)]
        members = {member for member, _ in found}
        if len(members) != 1:
            return {}
        (member,) = members
        named = [value for _, value in found]
        refused = [one for one in self.values[member] if (one in named) is not is_allowed]
        return {member: refused} if 0 < len(refused) < len(self.values[member]) else {}

    @cached_property
    def _words(self) -> Mapping[str, tuple[str, str | bool]]:
        """The states by the patterns of their words: `in progress`, `drafts`, `archived`.

        A word of several members is that of the `status` or `state`, if there is one.
        """
        found: dict[str, tuple[str, str | bool]] = {}
        ambiguous = set()
        for member in sorted(self.values, key=is_plain_state, reverse=True):
            for value in self.values[member]:
                named = words_of(value) if isinstance(value, str) else [one for one in words_of(member) if one != "is"]
                word = re.sub(r"l+ed\Z", "l+ed", "[ _-]?".join(named))
                if word in found and not is_plain_state(found[word][0]) and found[word][0] != member:
                    ambiguous.add(word)
                if word and value is not False:
                    found.setdefault(word, (member, value))
        return {f"{word}s?": state for word, state in found.items() if word not in ambiguous}

    @cached_property
    def _listed(self) -> re.Pattern[str]:
        one = rf"(?:(?:an?|the) )?\b(?:{'|'.join(sorted(self._words, key=len, reverse=True))})\b"
        return re.compile(rf"{one}(?:(?:, ?(?:and |or )?| or | and |/){one})*")

    @cached_property
    def _nouns(self) -> re.Pattern[str]:
        """The nouns for an item, such as `purchase order`, `order` and `item`, in singular and plural."""
        segment = last_segment(self.resource.home.path)
        named = (segment, singular(segment), self.resource.name, f"{self.resource.name}s")
        whole = [" ".join(words_of(one)) for one in named]
        nouns = {*whole, *(one.rpartition(" ")[2] for one in whole), "item", "items", "resource", "resources"}
        return re.compile(rf"\b(?:{'|'.join(sorted(filter(None, nouns), key=len, reverse=True))})\b")


@lru_cache(maxsize=256)
def _about(verbs: tuple[str, ...]) -> re.Pattern[str]:
    """The pattern of what is done: `be` with a participle, or `cannot` and `can only` with the verb itself."""
    participles = sorted({one for verb in verbs for one in participles_of(verb)}) or ["done"]
    return re.compile(
        rf"\bbe (?P<done>{'|'.join(participles)})\b|(?P<can>\b{_CANNOT}|\b{_CAN} only) (?:{'|'.join(verbs) or 'do'})\b"
    )


def _as_verb(match: re.Match[str]) -> str:
    return "be DONE" if match["done"] else f"{match['can']} DO"
