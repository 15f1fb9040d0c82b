"""Servers of links between items: memberships in groups and teams."""

from collections.abc import Callable

from tests.catalogue.server import Server
from tests.catalogue.ways import Member, answered_204, correct, losing, members_of_all, right_but, unfiltered, wrong
from tests.support.servers.serving import NOTHING, Answer, Asked


def deletes_the_user(server: Server, asked: Asked) -> Answer:
    """What is removed from a group is gone altogether."""
    answer = server.right(asked)
    server.items.pop(("users", asked.path[3]), None)
    return answer


def removes_all(server: Server, asked: Asked) -> Answer:
    answer = server.right(asked)
    if answer.status == 204:
        server.members[asked.path[:2]].clear()
    return answer


def replaces_members(server: Server, asked: Asked) -> Answer:
    """The last member that was added is the only one."""
    answer = server.right(asked)
    if answer.status == 204:
        server.members[asked.path[:2]] = [("users", asked.path[3])]
    return answer


def adds_twice(server: Server, asked: Asked) -> Answer:
    before = [*server.members.get(asked.path[:2], ())]
    answer = server.right(asked)
    if answer.status == 204:
        server.members[asked.path[:2]] = [*before, ("users", asked.path[3])]
    return answer


def adds_to_every_group(server: Server, asked: Asked) -> Answer:
    answer, user = server.right(asked), ("users", asked.path[3])
    for group in [place for place in server.items if place[0] == "groups"] if answer.status == 204 else ():
        server.members[group] = [*dict.fromkeys((*server.members.get(group, ()), user))]
    return answer


def unknown_is_fine(server: Server, asked: Asked) -> Answer:
    """204 also for a user that there is not."""
    return answered_204(server, asked) if ("users", asked.path[3]) not in server.items else server.right(asked)


def once(status: int) -> Callable[[Server, Asked], Answer]:
    """Another status where the user is a member already."""

    def does(server: Server, asked: Asked) -> Answer:
        is_member = ("users", asked.path[3]) in server.members.get(asked.path[:2], ())
        return server.problem(status) if is_member else server.right(asked)

    return does


def with_founder(server: Server, asked: Asked) -> Answer:
    """A group has a first member from the start."""
    answer = server.right(asked)
    if answer.status == 201:
        server.items["users", "77"] = {"id": 77, "name": "the founder"}
        server.members["groups", str(answer.body["id"])] = [("users", "77")]
    return answer


def hires_nobody_twice(server: Server, asked: Asked) -> Answer:
    """400 where the sailor is one of the crew already."""
    sailor = ("sailors", str(asked.body["sailorId"]))
    return server.problem(400) if sailor in server.members.get(asked.path[:2], ()) else server.right(asked)


def hires_the_first(server: Server, asked: Asked) -> Answer:
    """The first sailor of all is hired, whoever is named."""
    answer = server.right(asked)
    if answer.status == 204:
        server.members[asked.path[:2]] = [next(place for place in server.items if place[0] == "sailors")]
    return answer


DEFECTS: tuple[Member, ...] = (
    wrong("crews", "sailors are not hired", "hireSailor.listed-after-add", does={"hireSailor": answered_204}),
    wrong("crews", "another sailor is hired", "hireSailor.listed-after-add", does={"hireSailor": hires_the_first}),
    wrong(
        "crews", "sailors are not dismissed", "dismissSailor.absent-after-remove", does={"dismissSailor": answered_204}
    ),
    wrong("crews", "a dismissal ends all", "dismissSailor.absent-after-remove", does={"dismissSailor": removes_all}),
    wrong("essays", "a bound is ignored", "listEssays.filtered-as-asked", does={"listEssays": unfiltered("minPages")}),
    wrong("essays", "words are ignored", "listEssays.filtered-as-asked", does={"listEssays": unfiltered("word")}),
    wrong("essays", "labels are not added", "addLabel.listed-after-add", does={"addLabel": answered_204}),
    wrong("essays", "a removal removes all", "removeLabel.absent-after-remove", does={"removeLabel": removes_all}),
    wrong("groups", "members are not added", "addMember.listed-after-add", does={"addMember": answered_204}),
    wrong("groups", "members are not removed", "removeMember.absent-after-remove", does={"removeMember": answered_204}),
    wrong(
        "groups",
        "lists have all users",
        "addMember.listed-after-add removeMember.absent-after-remove",
        does={"listMembers": members_of_all},
    ),
    wrong(
        "groups",
        "a removal deletes the user",
        "removeMember.absent-after-remove",
        does={"removeMember": deletes_the_user},
    ),
    wrong("groups", "a removal removes all", "removeMember.absent-after-remove", does={"removeMember": removes_all}),
    wrong(
        "groups", "a member added twice is listed twice", "addMember.listed-after-add", does={"addMember": adds_twice}
    ),
    wrong(
        "groups", "users that do not exist are added", "addMember.unknown-is-404", does={"addMember": unknown_is_fine}
    ),
    wrong(
        "groups",
        "a member takes the place of the others",
        "addMember.listed-after-add removeMember.absent-after-remove",
        does={"addMember": replaces_members},
    ),
    *(
        wrong("invoices", f"{name} is lost", "createInvoice.readable-after-create", kept=losing(name))
        for name in ("payer", "product_ids", "product")
    ),
    wrong(
        "groups",
        "who is added to one group is in all of them",
        "addMember.listed-after-add",
        does={"addMember": adds_to_every_group},
    ),
)

CORRECT: tuple[Member, ...] = (
    correct("invoices", "as it is"),
    correct("invoices", "counts from a million", first_id=1_000_000),
    correct(
        "groups",
        "answers 204 to a member twice removed",
        does={
            "removeMember": right_but(
                lambda server, asked, answer: (
                    answer._replace(status=204, body=NOTHING) if asked.path[:2] in server.items else answer
                )
            )
        },
    ),
    correct("crews", "as it is"),
    correct("essays", "as it is"),
    correct("crews", "refuses a sailor twice hired", does={"hireSailor": hires_nobody_twice}),
    correct("groups", "refuses a member twice added", does={"addMember": once(404)}),
    correct("groups", "has a member from the start", does={"createGroup": with_founder}),
)
