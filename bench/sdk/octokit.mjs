// GitHub's own SDK, with nothing but its base URL changed.
import { Octokit } from "@octokit/rest";
import { attempt, check, statusOf, url } from "./story.mjs";

const octokit = new Octokit({ auth: "any-token", baseUrl: url.origin, log: { debug() {}, info() {}, warn() {}, error() {} } });
const { rest } = octokit;

await check("the user can be read", async () => typeof (await rest.users.getAuthenticated()).data.login === "string");
const repo = await attempt(async () => (await rest.repos.createForAuthenticatedUser({ name: "demo", description: "A demo", private: true })).data);
await check("a repository is created with what was sent", async () => [repo.name, repo.description, repo.private].join() === "demo,A demo,true" || repo);
await check("its full name is made of its owner and name", async () => repo.full_name === `${repo.owner.login}/demo` || repo.full_name);
const at = { owner: repo?.owner?.login ?? "octocat", repo: "demo" };
await check("it is read by owner and name", async () => (await rest.repos.get(at)).data.description === "A demo");
await check("it is in the list of the user's", async () => (await rest.repos.listForAuthenticatedUser()).data.some((one) => one.name === "demo"));
await check("it is changed", async () => (await rest.repos.update({ ...at, description: "Better" })).data.description === "Better");
await check("the change stays", async () => (await rest.repos.get(at)).data.description === "Better");
await check("the rest of it stays", async () => (await rest.repos.get(at)).data.private === true);
await check("an organisation's repository is read by its owner", async () => {
  const { data } = await rest.repos.createInOrg({ org: "acme", name: "tool" });
  return data.owner.login === "acme" && (await rest.repos.get({ owner: "acme", repo: "tool" })).data.id === data.id;
});
await check("an organisation's list has its own only", async () => (await rest.repos.listForOrg({ org: "acme" })).data.map((one) => one.name).join() === "tool");
await check("an unknown repository is 404", async () => (await statusOf(() => rest.repos.get({ owner: "no", repo: "nope" }))) === 404);
await check("an issue of an unknown repository is 404", async () => (await statusOf(() => rest.issues.create({ owner: "no", repo: "nope", title: "x" }))) === 404);

const issue = await attempt(async () => (await rest.issues.create({ ...at, title: "Broken", body: "It is.", labels: ["bug"], assignees: ["asha"] })).data);
await check("an issue is created, and is open", async () => issue.title === "Broken" && issue.state === "open");
await check("its labels are those that were sent", async () => issue.labels.map((one) => one.name ?? one).join() === "bug" || issue.labels);
await check("its assignees are those that were sent", async () => issue.assignees.map((one) => one.login).join() === "asha" || issue.assignees);
await check("it is read by number", async () => (await rest.issues.get({ ...at, issue_number: issue.number })).data.title === "Broken");
await check("numbers count from one in each repository", async () => issue.number === 1 || issue.number);
await check("a title is required", async () => (await statusOf(() => rest.issues.create({ ...at }))) === 422);
for (const title of ["Second", "Third", "Fourth", "Fifth"]) await attempt(() => rest.issues.create({ ...at, title }));
await check("issues are listed newest first", async () => (await rest.issues.listForRepo(at)).data.map((one) => one.title).join() === "Fifth,Fourth,Third,Second,Broken");
await check("a page has as many as asked for", async () => (await rest.issues.listForRepo({ ...at, per_page: 2 })).data.length === 2);
await check("all pages are found by the SDK", async () => {
  const titles = await octokit.paginate(rest.issues.listForRepo, { ...at, per_page: 2 }, (page) => page.data.map((one) => one.title));
  return titles.length === 5 && new Set(titles).size === 5;
});
await check("an issue is closed", async () => (await rest.issues.update({ ...at, issue_number: issue.number, state: "closed" })).data.state === "closed");
await check("closed issues are not in the list of open ones", async () => (await rest.issues.listForRepo(at)).data.length === 4);
await check("closed issues are found by state", async () => (await rest.issues.listForRepo({ ...at, state: "closed" })).data.map((one) => one.title).join() === "Broken");
await check("all issues are found by state=all", async () => (await rest.issues.listForRepo({ ...at, state: "all" })).data.length === 5);
await check("issues are found by label", async () => (await rest.issues.listForRepo({ ...at, state: "all", labels: "bug" })).data.map((one) => one.title).join() === "Broken");
const comment = await attempt(async () => (await rest.issues.createComment({ ...at, issue_number: issue.number, body: "Seen." })).data);
await check("a comment is created and listed", async () => comment.body === "Seen." && (await rest.issues.listComments({ ...at, issue_number: issue.number })).data.length === 1);
await check("a comment is read by its id", async () => (await rest.issues.getComment({ ...at, comment_id: comment.id })).data.body === "Seen.");
await check("a comment is changed", async () => (await rest.issues.updateComment({ ...at, comment_id: comment.id, body: "Done." })).data.body === "Done.");
await check("comments are counted at the issue", async () => (await rest.issues.get({ ...at, issue_number: issue.number })).data.comments === 1);
await check("another issue has no comments", async () => (await rest.issues.listComments({ ...at, issue_number: 2 })).data.length === 0);
await check("a comment is deleted", async () => {
  await rest.issues.deleteComment({ ...at, comment_id: comment.id });
  return (await statusOf(() => rest.issues.getComment({ ...at, comment_id: comment.id }))) === 404;
});
await check("an issue is locked", async () => {
  await rest.issues.lock({ ...at, issue_number: issue.number });
  return (await rest.issues.get({ ...at, issue_number: issue.number })).data.locked === true;
});
await check("a label is created, read by name and listed", async () => {
  await rest.issues.createLabel({ ...at, name: "urgent", color: "ff0000" });
  const { data } = await rest.issues.getLabel({ ...at, name: "urgent" });
  return data.color === "ff0000" && (await rest.issues.listLabelsForRepo(at)).data.some((one) => one.name === "urgent");
});
await check("a milestone is created and read by number", async () => {
  const { data } = await rest.issues.createMilestone({ ...at, title: "v1" });
  return (await rest.issues.getMilestone({ ...at, milestone_number: data.number })).data.title === "v1" && data.state === "open";
});
const pull = await attempt(async () => (await rest.pulls.create({ ...at, title: "Fix", head: "fix-1", base: "main" })).data);
await check("a pull request is open, and of the branches that were sent", async () => [pull.title, pull.state, pull.head.ref, pull.base.ref].join() === "Fix,open,fix-1,main" || [pull.title, pull.state, pull.head.ref, pull.base.ref]);
await check("a pull request is read by number", async () => (await rest.pulls.get({ ...at, pull_number: pull.number })).data.title === "Fix");
await check("a pull request is merged", async () => {
  await rest.pulls.merge({ ...at, pull_number: pull.number });
  return (await rest.pulls.get({ ...at, pull_number: pull.number })).data.merged === true;
});
await check("a release is created, and found by id and tag", async () => {
  const { data } = await rest.repos.createRelease({ ...at, tag_name: "v1.0", name: "One" });
  const byId = (await rest.repos.getRelease({ ...at, release_id: data.id })).data;
  const byTag = (await rest.repos.getReleaseByTag({ ...at, tag: "v1.0" })).data;
  return byId.name === "One" && byTag.id === data.id;
});
await check("a gist is created with its files and read", async () => {
  const { data } = await rest.gists.create({ files: { "a.txt": { content: "hello" } }, description: "g", public: true });
  return (await rest.gists.get({ gist_id: data.id })).data.files["a.txt"].content === "hello";
});
await check("a gist is starred", async () => {
  const { data } = await rest.gists.create({ files: { "b.txt": { content: "x" } } });
  const before = await statusOf(() => rest.gists.checkIsStarred({ gist_id: data.id }));
  await rest.gists.star({ gist_id: data.id });
  return before === 404 && (await rest.gists.checkIsStarred({ gist_id: data.id })).status === 204;
});
await check("a webhook is created, read and deleted", async () => {
  const { data } = await rest.repos.createWebhook({ ...at, config: { url: "https://example.com/hook" }, events: ["push"] });
  const read = (await rest.repos.getWebhook({ ...at, hook_id: data.id })).data;
  await rest.repos.deleteWebhook({ ...at, hook_id: data.id });
  return read.config.url === "https://example.com/hook" && (await statusOf(() => rest.repos.getWebhook({ ...at, hook_id: data.id }))) === 404;
});
const labels = async () => (await rest.issues.listLabelsOnIssue({ ...at, issue_number: 3 })).data.map((one) => one.name).sort().join();
await check("labels are added to an issue", async () => {
  await rest.issues.addLabels({ ...at, issue_number: 3, labels: ["ui", "p1"] });
  return (await labels()) === "p1,ui" && (await rest.issues.get({ ...at, issue_number: 3 })).data.labels.length === 2;
});
await check("a label is taken away", async () => {
  await rest.issues.removeLabel({ ...at, issue_number: 3, name: "ui" });
  return (await labels()) === "p1";
});
await check("labels are set", async () => {
  await rest.issues.setLabels({ ...at, issue_number: 3, labels: ["only"] });
  return (await labels()) === "only";
});
await check("assignees are added and removed", async () => {
  await rest.issues.addAssignees({ ...at, issue_number: 3, assignees: ["asha", "bo"] });
  const { data } = await rest.issues.removeAssignees({ ...at, issue_number: 3, assignees: ["asha"] });
  return data.assignees.map((one) => one.login).join() === "bo" || data.assignees;
});
await check("a collaborator is added, and another one is none", async () => {
  await rest.repos.addCollaborator({ ...at, username: "bo" });
  const { status } = await rest.repos.checkCollaborator({ ...at, username: "bo" });
  return status === 204 && (await statusOf(() => rest.repos.checkCollaborator({ ...at, username: "nemo" }))) === 404;
});
await check("somebody is followed", async () => {
  await rest.users.follow({ username: "bo" });
  return (await rest.users.checkPersonIsFollowedByAuthenticated({ username: "bo" })).status === 204;
});
await check("repositories are searched", async () => {
  const { data } = await rest.search.repos({ q: "demo" });
  return (data.total_count === 1 && data.items[0].name === "demo" && (await rest.search.repos({ q: "nothing-such" })).data.total_count === 0) || data.total_count;
});
await check("issues are searched by text and state", async () => (await rest.search.issuesAndPullRequests({ q: "Second state:open" })).data.items[0].title === "Second");
await check("the user is changed", async () => {
  await rest.users.updateAuthenticated({ bio: "Writes code" });
  return (await rest.users.getAuthenticated()).data.bio === "Writes code";
});
await check("links lead to the mock", async () => JSON.stringify((await rest.issues.get({ ...at, issue_number: 2 })).data.url ?? "").includes(url.host));
await check("a repository is deleted with its issues", async () => {
  await rest.repos.delete(at);
  return (await statusOf(() => rest.repos.get(at))) === 404 && (await statusOf(() => rest.issues.get({ ...at, issue_number: 2 }))) === 404;
});
