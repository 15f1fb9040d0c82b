"""PyGithub on a document of GitHub's shapes; nothing of it is changed but the base URL and the pauses that it makes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from github import Auth, Github, GithubException
from github.AuthenticatedUser import AuthenticatedUser
from github.Repository import Repository

from tests.support.running import RunningMock, running_mock

DOCUMENT = Path(__file__).parent / "hosting.yaml"


@pytest.fixture(scope="module")
def mock() -> Iterator[RunningMock]:
    with running_mock(str(DOCUMENT), "--log", "off") as running:
        yield running


@pytest.fixture
def github(mock: RunningMock) -> Iterator[Github]:
    mock.reset()
    token = Auth.Token("ghp_made_up")
    with Github(
        auth=token, base_url=mock.url, per_page=2, retry=None, seconds_between_requests=0, seconds_between_writes=0
    ) as client:
        yield client


@pytest.fixture
def repository(github: Github) -> Repository:
    me = github.get_user()
    assert isinstance(me, AuthenticatedUser)
    return me.create_repo("hello", description="Says hello")


def test_a_repository_is_found_by_owner_and_name(github: Github, repository: Repository) -> None:
    found = github.get_repo(f"{github.get_user().login}/hello")
    assert (found.id, found.full_name, found.description) == (repository.id, "octocat/hello", "Says hello")


def test_urls_of_items_lead_to_the_mock(mock: RunningMock, repository: Repository) -> None:
    assert repository.url == f"{mock.url}/repos/octocat/hello"
    assert repository.create_issue("a bug").url == f"{mock.url}/repos/octocat/hello/issues/1"


def test_an_edit_keeps_what_it_does_not_name(github: Github, repository: Repository) -> None:
    repository.edit(description="Greets")
    found = github.get_repo("octocat/hello")
    assert (found.description, found.private) == ("Greets", False)


def test_the_sdk_follows_the_links_through_all_pages(repository: Repository) -> None:
    for number in range(5):
        repository.create_issue(f"bug {number}")
    assert sorted(issue.title for issue in repository.get_issues()) == [f"bug {number}" for number in range(5)]


def test_issues_of_one_repository_are_not_those_of_another(github: Github, repository: Repository) -> None:
    repository.create_issue("a bug")
    me = github.get_user()
    assert isinstance(me, AuthenticatedUser)
    assert [*me.create_repo("other").get_issues()] == []


def test_a_closed_issue_is_listed_with_all_and_not_with_the_open_ones(repository: Repository) -> None:
    issue = repository.create_issue("a bug", body="It fails.", labels=["urgent"])
    assert (issue.state, issue.body, [label.name for label in issue.labels]) == ("open", "It fails.", ["urgent"])
    issue.edit(state="closed")
    assert repository.get_issue(issue.number).state == "closed"
    assert [one.title for one in repository.get_issues()] == []
    assert [one.title for one in repository.get_issues(state="all")] == ["a bug"]


def test_an_unknown_repository_is_404_with_its_name_in_the_message(github: Github) -> None:
    with pytest.raises(GithubException, match="there is no repo octocat/nothing") as caught:
        github.get_repo("octocat/nothing")
    assert caught.value.status == 404


def test_a_deleted_repository_takes_its_issues_with_it(github: Github, repository: Repository) -> None:
    issue = repository.create_issue("a bug")
    repository.delete()
    with pytest.raises(GithubException) as caught:
        issue.update()
    assert caught.value.status == 404


def test_what_a_request_lacks_is_told_in_the_documented_shape(github: Github) -> None:
    with pytest.raises(GithubException, match="name") as caught:
        github.requester.requestJsonAndCheck("POST", "/user/repos", input={})
    assert caught.value.status == 422
