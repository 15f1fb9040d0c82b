"""Templates of response bodies: `$answer.reason` and the like are filled in, and readings choose between parts."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lookalike.readings import Choose, Fixed, Policy

_CHOICE = frozenset({"reading", "choices"})
_PLACEHOLDER = "$answer."

# Values by placeholder: `$answer.status`, `$answer.reason`, `$answer.reasons`, `$answer.operation`.
TemplateValues = Mapping[str, Any]
# Fills in a template; the result may share parts with the template, so it must not be changed.
Template = Callable[[TemplateValues, Choose], Any]


def compile_template(template: Any) -> Template:
    """The function that fills in a template. Parts without placeholders are shared, not copied."""
    if not is_variable(template):
        return _compile_constant(template)
    if isinstance(template, list):
        return _compile_list(template)
    if not isinstance(template, Mapping):
        return _compile_placeholder(template)
    return _compile_choice(template) if template.keys() == _CHOICE else _compile_object(template)


def compile_policy(policy: Policy[Any]) -> Template:
    """The function that fills in the template that a policy chooses."""
    if isinstance(policy, Fixed):
        return compile_template(policy.value)
    return compile_template({"reading": policy.reading, "choices": policy.by_choice})


def is_variable(template: Any) -> bool:
    """Whether a template has placeholders or choices."""
    if isinstance(template, Mapping):
        return template.keys() == _CHOICE or any(map(is_variable, template.values()))
    if isinstance(template, list):
        return any(map(is_variable, template))
    return isinstance(template, str) and template.startswith(_PLACEHOLDER)


def readings_in(template: Any) -> Iterator[str]:
    """The readings that choose between parts of a template."""
    if isinstance(template, list):
        for item in template:
            yield from readings_in(item)
    elif isinstance(template, Mapping):
        if template.keys() == _CHOICE:
            yield template["reading"]
        for member in template.values():
            yield from readings_in(member)


def _compile_constant(template: Any) -> Template:
    def constant(values: TemplateValues, choose: Choose) -> Any:
        return template

    return constant


def _compile_placeholder(name: str) -> Template:
    def value(values: TemplateValues, choose: Choose) -> Any:
        return values.get(name, name)

    return value


def _compile_list(template: list[Any]) -> Template:
    items = [compile_template(item) for item in template]

    def filled_list(values: TemplateValues, choose: Choose) -> Any:
        return [fill(values, choose) for fill in items]

    return filled_list


def _compile_object(template: Mapping[str, Any]) -> Template:
    members = [(name, compile_template(member)) for name, member in template.items() if is_variable(member)]

    def filled_object(values: TemplateValues, choose: Choose) -> Any:
        return {**template, **{name: fill(values, choose) for name, fill in members}}

    return filled_object


def _compile_choice(template: Mapping[str, Any]) -> Template:
    reading = template["reading"]
    by_choice = {choice: compile_template(part) for choice, part in template["choices"].items()}

    def chosen(values: TemplateValues, choose: Choose) -> Any:
        return by_choice[choose(reading)](values, choose)

    return chosen
