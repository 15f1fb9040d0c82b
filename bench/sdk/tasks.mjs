// openapi-fetch on a document of FastAPI: accounts, projects and their tasks, comments.
import createClient from "openapi-fetch";
import { attempt, check, url } from "./story.mjs";

const api = createClient({ baseUrl: url.origin });
const at = "/api/v1";
const signUp = (email, password = "changethis") => api.POST(`${at}/users/signup`, { body: { email, password, full_name: "Asha Rao" } });
const logIn = (password) => api.POST(`${at}/login/access-token`, {
  body: { username: "asha@example.com", password },
  bodySerializer: (body) => new URLSearchParams(body),
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
});

const user = await attempt(async () => (await signUp("asha@example.com")).data);
await check("a user signs up", () => (user.email === "asha@example.com" && user.full_name === "Asha Rao" && user.is_active === true) || user);
await check("the password is not shown", () => !("password" in user));
await check("a short password is refused, and named", async () => {
  const { response, error } = await signUp("mo@example.com", "x");
  return (response.status === 422 && error.detail[0].loc.join() === "body,password") || error;
});
await check("an address is taken once", async () => !(await signUp("asha@example.com")).response.ok);
await check("without a token nobody asks", async () => (await api.GET(`${at}/users/me`)).response.status === 401);
await check("a wrong password is refused", async () => [400, 401].includes((await logIn("other-password")).response.status));
const token = await attempt(async () => (await logIn("changethis")).data);
await check("a login gives a bearer token", () => (token.token_type === "bearer" && token.access_token.length > 0) || token);
api.use({ onRequest: ({ request }) => { if (!request.headers.has("Authorization")) request.headers.set("Authorization", `Bearer ${token.access_token}`); return request; } });
await check("a wrong token is refused", async () => (await api.GET(`${at}/users/me`, { headers: { Authorization: "Bearer wrong" } })).response.status === 401);
await check("the token says who asks", async () => (await api.GET(`${at}/users/me`)).data.id === user.id);
await check("the user who asks is changed, and keeps the rest", async () => {
  const { data } = await api.PATCH(`${at}/users/me`, { body: { full_name: "Asha B." } });
  return (data.full_name === "Asha B." && data.email === "asha@example.com") || data;
});

const projects = [];
for (const n of [0, 1, 2, 3, 4]) projects.push(await attempt(async () => (await api.POST(`${at}/projects/`, { body: { title: `Project ${n}`, description: "d" } })).data));
const id = projects[0]?.id;
const one = { params: { path: { id } } };
await check("a project belongs to who made it", () => (projects[0].owner_id === user.id && projects[0].archived === false) || projects[0]);
await check("a page has its part and counts all", async () => {
  const { data } = await api.GET(`${at}/projects/`, { params: { query: { skip: 3, limit: 5 } } });
  return (data.data.map((p) => p.title).join() === "Project 3,Project 4" && data.count === 5) || data;
});
await check("projects are searched", async () => (await api.GET(`${at}/projects/`, { params: { query: { q: "project 2" } } })).data.count === 1);
await check("a change keeps what it does not name", async () => {
  const { data } = await api.PUT(`${at}/projects/{id}`, { ...one, body: { title: "Renamed" } });
  return (data.title === "Renamed" && data.description === "d") || data;
});
await check("a project is archived", async () => (await api.POST(`${at}/projects/{id}/archive`, one)).data.archived === true);
await check("archived ones are listed", async () => (await api.GET(`${at}/projects/`, { params: { query: { archived: true } } })).data.data.map((p) => p.title).join() === "Renamed");

const below = { params: { path: { project_id: id } } };
const tasks = [];
for (const n of [0, 1, 2, 3]) {
  const body = { title: `T${n}`, priority: n + 1, status: n % 2 ? "doing" : "todo", tags: n ? ["a"] : [] };
  tasks.push(await attempt(async () => (await api.POST(`${at}/projects/{project_id}/tasks`, { ...below, body })).data));
}
const titles = async (query) => (await api.GET(`${at}/projects/{project_id}/tasks`, { params: { ...below.params, query } })).data.map((t) => t.title).join();
await check("a task has null where nothing was sent", () => (tasks[0].due === null && tasks[0].completed_at === null) || tasks[0]);
await check("tasks are those of their project", async () => (await titles({})) === "T0,T1,T2,T3" || titles({}));
await check("they are filtered by status", async () => (await titles({ status: ["doing"] })) === "T1,T3" || titles({ status: ["doing"] }));
await check("they are filtered by tag and priority", async () => (await titles({ tag: "a", min_priority: 3 })) === "T2,T3" || titles({ tag: "a", min_priority: 3 }));
await check("they are sorted", async () => (await titles({ order_by: "-priority" })) === "T3,T2,T1,T0" || titles({ order_by: "-priority" }));
await check("an unknown status is refused, and named", async () => (await api.GET(`${at}/projects/{project_id}/tasks`, { params: { ...below.params, query: { status: ["no"] } } })).error.detail[0].loc.slice(0, 2).join() === "query,status");
const task = { params: { path: { task_id: tasks[0]?.id } } };
await check("a task is changed in part", async () => {
  const { data } = await api.PATCH(`${at}/tasks/{task_id}`, { ...task, body: { due: "2026-05-01" } });
  return (data.due === "2026-05-01" && data.title === "T0") || data;
});
await check("tasks are found by when they are due", async () => (await titles({ due_before: "2026-06-01" })) === "T0");
await check("a task is completed", async () => {
  const { data } = await api.POST(`${at}/tasks/{task_id}/complete`, task);
  return (data.status === "done" && data.completed_at !== null) || data;
});
await check("a comment has its author", async () => {
  const { data } = await api.POST(`${at}/tasks/{task_id}/comments`, { ...task, body: { body: "nice" } });
  return (data.author.email === "asha@example.com" && data.task_id === tasks[0].id) || data;
});
await check("comments are those of their task", async () => (await api.GET(`${at}/tasks/{task_id}/comments`, { params: { path: { task_id: tasks[1].id } } })).data.length === 0);
await check("an unknown task is told", async () => {
  const { response, error } = await api.GET(`${at}/tasks/{task_id}`, { params: { path: { task_id: 999 } } });
  return (response.status === 404 && typeof error.detail === "string") || response.status;
});
await check("a task is deleted", async () => (await api.DELETE(`${at}/tasks/{task_id}`, task)).response.status === 204);
await check("and gone", async () => (await api.GET(`${at}/tasks/{task_id}`, task)).response.status === 404);
await check("a project goes with its tasks", async () => {
  await api.DELETE(`${at}/projects/{id}`, one);
  return (await api.GET(`${at}/tasks/{task_id}`, { params: { path: { task_id: tasks[1].id } } })).response.status === 404;
});
