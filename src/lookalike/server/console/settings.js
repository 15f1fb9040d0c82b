// The settings of a sandbox: readings, faults, clock, tokens, snapshots; and the list of sandboxes.

import {ask, askText, at, button, copy, doing, download, field, make, mock, operations, sandbox, say, select, table, upload} from "./page.js";

// Readings

export async function loadReadings() {
  const readings = await ask("readings");
  at("readings").replaceChildren(...readings.map((reading) => {
    const choice = select(Object.fromEntries(Object.entries(reading.choices).map(([id, says]) => [id, `${id}: ${says}`])), {
      id: `reading-${reading.id}`,
      onchange: doing(async () => {
        await ask("readings", "PATCH", {[reading.id]: choice.value});
        say(`${reading.id} is ${choice.value} now, until the next reset.`);
      }),
    });
    choice.value = reading.choice;
    const from = [reading.from ?? []].flat().join(", ");
    return make("fieldset", {}, make("legend", {}, reading.id), make("p", {}, reading.question),
      field("Choice", choice), make("p", {}, `By default: ${reading.default}.`),
      ...(reading.quotes ?? []).map((quote) => make("blockquote", {}, quote)), ...(from ? [make("p", {}, `From: ${from}`)] : []));
  }));
  if (!readings.length) at("readings").append(make("p", {}, "The document leaves no question open that it states."));
}

// Faults

// The faults of the form, each with the rule of a value.
const FAULTS = {
  status: ["status", "Answer this status", "503", (value) => ({status: Number(value)})],
  latency: ["latency", "Answer so much later", "500ms", (value) => ({latency: value})],
  reset: ["reset", "Reset the connection", "", () => ({reset: true})],
  lost: ["reset after the commit", "Reset the connection, after the changes", "", () => ({reset: true, at: "after-commit"})],
  truncate: ["truncate", "Close the connection after so many bytes", "10", (value) => ({truncate: Number(value)})],
  dribble: ["dribble", "Take so long to send the body", "2s", (value) => ({dribble: value})],
  malformed: ["malformed", "Send a body that is no JSON", "", () => ({malformed: true})],
  expired: ["expired", "Refuse credentials as expired", "", () => ({expired: true})],
  limit: ["limit", "Answer 429 over so many requests a minute", "10", (value) => ({limit: {requests: Number(value), per: "60s"}})],
};

export async function loadFaults() {
  const [rules, profiles] = [await ask("faults"), await ask("fault-profiles")];
  at("rules").replaceChildren(rules.length ? table("Rules in force", ["Name", "Rule", "Requests counted", "Delete"], rules.map(({name, requests, rule}) =>
    [name, make("code", {}, JSON.stringify(rule)), requests, button(`Delete ${name}`, async () => {
      await ask(`faults/${encodeURIComponent(name)}`, "DELETE");
      await loadFaults();
    })])) : make("p", {}, "No fault is in force."));
  at("chaos").replaceChildren("Chaos: ", ...Object.entries(profiles).flatMap(([name, all]) => [button(name, async () => {
    const present = Object.fromEntries((await ask("faults")).map((one) => [one.name, one.rule]));
    await ask("faults", "PUT", {...present, ...all});
    await loadFaults();
    say(`${name}: its rules are in force.`);
  }), " "]), button("No faults", async () => {
    await ask("faults", "DELETE");
    await loadFaults();
    say("No fault is in force.");
  }));
  const chosen = at("fault-operation").value;
  at("fault-operation").replaceChildren(make("option", {value: ""}, "all operations"), ...operations().map(({operationId, method, path}) =>
    make("option", {value: operationId ?? `${method} ${path}`}, `${method} ${path}`)));
  at("fault-operation").value = chosen;
}

function drawRule() {
  const [, , value, rule] = FAULTS[at("fault-kind").value];
  at("fault-value").parentElement.hidden = value === "";
  const share = Number(at("fault-share").value);
  at("fault-json").value = JSON.stringify({
    ...(at("fault-operation").value ? {operation: at("fault-operation").value} : {}),
    ...(share < 100 ? {rate: share / 100} : {}), ...rule(at("fault-value").value),
  });
}

at("fault-kind").append(...Object.entries(FAULTS).map(([name, [, text]]) => make("option", {value: name}, text)));
at("fault-value").value = FAULTS.status[2];
at("fault-kind").addEventListener("change", () => {
  at("fault-value").value = FAULTS[at("fault-kind").value][2];
  drawRule();
});
for (const id of ["fault-value", "fault-share", "fault-operation"]) at(id).addEventListener("input", drawRule);
drawRule();
at("fault").addEventListener("submit", doing(async () => {
  const name = at("fault-name").value || at("fault-kind").value;
  await askText(`faults/${encodeURIComponent(name)}`, "PUT", at("fault-json").value);
  await loadFaults();
  say(`The fault ${name} is in force.`);
}));

// Clock

export async function loadClock() {
  const {time, stopped, offset} = await ask("clock");
  at("now").textContent = time;
  at("how").textContent = stopped ? "The clock stands still." : offset ? "The clock was set, and goes on." : "The clock shows the real time.";
  at("stop").textContent = stopped ? "Let it go on" : "Stop it";
  if (!at("time").value) at("time").value = time.slice(0, 19);
}

async function setClock(change) {
  await ask("clock", "PUT", change);
  await loadClock();
  say(`The clock shows ${at("now").textContent}.`);
}

at("set").addEventListener("submit", doing(() => {
  const {value} = at("time"); // a browser leaves the seconds out where they are zero
  return setClock({time: `${value.length === 16 ? `${value}:00` : value}Z`});
}));
at("move").addEventListener("submit", doing(() => setClock({move: Number(at("by").value) * Number(at("unit").value)})));
at("stop").addEventListener("click", doing(async () => setClock({stopped: !(await ask("clock")).stopped})));
at("real").addEventListener("click", doing(async () => {
  await ask("clock", "DELETE");
  await loadClock();
  say("The clock shows the real time.");
}));

// Tokens

export async function loadTokens() {
  mock.credentials = await ask("credentials");
  const rows = Object.entries(mock.credentials).flatMap(([scheme, tokens]) => Object.entries(tokens).map(([kind, token]) =>
    [scheme, kind, make("code", {}, token.length > 40 ? `${token.slice(0, 40)}…` : token), button("Copy", () => copy(token, `${scheme}, ${kind}`), {"aria-label": `Copy the ${kind} one of ${scheme}`})]));
  at("credentials").replaceChildren(rows.length ? table("Credentials", ["Scheme", "Kind", "Credentials", "Copy"], rows)
    : make("p", {}, "The document asks for no credentials."));
}

at("mint").addEventListener("submit", doing(async () => {
  const claims = at("claims").value.trim();
  const {token} = await ask("tokens", "POST", {
    ...(at("subject").value ? {subject: at("subject").value} : {}),
    expires_in: Number(at("lasts").value) * (at("expired").checked ? -1 : 1), ...(claims ? {claims: JSON.parse(claims)} : {}),
  });
  at("minted").replaceChildren(make("code", {id: "minted-token"}, token), " ", button("Copy it", () => copy(token, "Token")));
  say("A token was minted.");
}));

// Snapshots

export async function loadSnapshots() {
  const snapshots = await ask("snapshots");
  const path = (name) => `snapshots/${encodeURIComponent(name)}`;
  at("saved").replaceChildren(...snapshots.map(({name, items}) => make("li", {}, `${name} (${items} items) `,
    button("Restore", async () => {
      await ask(`${path(name)}/restore`, "POST");
      say(`The state is that of ${name}.`);
    }, {"aria-label": `Restore ${name}`}), " ",
    button("Save as a file", async () => download(`${name}.json`, await askText(path(name))), {"aria-label": `Save ${name} as a file`}), " ",
    button("Delete", async () => {
      await ask(path(name), "DELETE");
      await loadSnapshots();
    }, {"aria-label": `Delete ${name}`}))));
}

at("save").addEventListener("submit", doing(async () => {
  await ask(`snapshots/${encodeURIComponent(at("snapshot").value)}`, "PUT");
  await loadSnapshots();
  say("The state is saved.");
}));
at("from-file").append(upload("From a file", async (text, file) => {
  const name = file.replace(/\.json$/, "").replace(/[^A-Za-z0-9._-]/g, "-").replace(/^[^A-Za-z0-9]+/, "") || "file";
  await askText(`snapshots/${encodeURIComponent(name)}`, "PUT", text);
  await loadSnapshots();
  say(`The file is the snapshot ${name}.`);
}));

// Sandboxes

export async function loadSandboxes() {
  const sandboxes = await ask("sandboxes");
  at("sandboxes").replaceChildren(...sandboxes.map(({name}) => make("option", {value: name})));
  const choose = (name) => button(`Open ${name}`, async () => {
    at("sandbox").value = name;
    at("sandbox").dispatchEvent(new Event("change"));
  });
  at("all-sandboxes").replaceChildren(table("All sandboxes", ["Name", "State", "Idle", "Goes in", "Open", "Delete"], sandboxes.map((one) => [
    one.name === sandbox() ? `${one.name} (shown)` : one.name, one.changed ? "changed" : "as at the start",
    one.expires_in === null ? "" : `${Math.round(one.idle)} s`, one.expires_in === null ? "stays" : `${Math.round(one.expires_in)} s`,
    choose(one.name), one.expires_in === null ? "" : button(`Delete ${one.name}`, async () => {
      await ask(`sandboxes/${encodeURIComponent(one.name)}`, "DELETE");
      await loadSandboxes();
    })])));
}

at("make-sandbox").addEventListener("submit", doing(async () => {
  await ask(`sandboxes/${encodeURIComponent(at("new-sandbox").value)}`, "PUT");
  await loadSandboxes();
  say(`The sandbox ${at("new-sandbox").value} is there.`);
}));
