"""Templates: bodies of answers with places to fill, some of whose parts a reading chooses."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lookalike.readings import Choose, Fixed, Policy

_CHOICE = frozenset({"reading", "choices"})
_PLACE = "$answer."

TemplateValues = Mapping[str, Any]
Template = Callable[[TemplateValues, Choose], Any]


def compile_template(template: Any) -> Template:
    """The function that fills the places of a template with values, by name; its result is not to be changed."""
    if not has_places(template):
        return lambda values, choose: template
    if isinstance(template, list):
        items = [compile_template(item) for item in template]
        return lambda values, choose: [fill(values, choose) for fill in items]
    if not isinstance(template, Mapping):
        return lambda values, choose: values.get(template, template)
    if template.keys() == _CHOICE:
        reading = template["reading"]
        choices = {choice: compile_template(part) for choice, part in template["choices"].items()}
        return lambda values, choose: choices[choose(reading)](values, choose)
    members = [(name, compile_template(member)) for name, member in template.items() if has_places(member)]
    return lambda values, choose: {**template, **{name: fill(values, choose) for name, fill in members}}


def compile_choice(policy: Policy[Any]) -> Template:
    """The same for the templates among which a reading chooses."""
    if isinstance(policy, Fixed):
        return compile_template(policy.value)
    return compile_template({"reading": policy.reading, "choices": policy.by_choice})


def has_places(template: Any) -> bool:
    """Whether a template is not always the same."""
    if isinstance(template, Mapping):
        return template.keys() == _CHOICE or any(map(has_places, template.values()))
    if isinstance(template, list):
        return any(map(has_places, template))
    return isinstance(template, str) and template.startswith(_PLACE)


def readings_in(template: Any) -> Iterator[str]:
    """The readings that choose parts of a template."""
    if isinstance(template, list):
        for item in template:
            yield from readings_in(item)
    elif isinstance(template, Mapping):
        if template.keys() == _CHOICE:
            yield template["reading"]
        for member in template.values():
            yield from readings_in(member)
