// The console: one page over the control API, in a module for each view. It needs no build step.

import * as journal from "./journal.js";
import * as settings from "./settings.js";
import * as state from "./state.js";
import * as verdict from "./verdict.js";
import {ask, at, doing, mock, named, ROOT, say} from "./page.js";
import {views} from "./views.js";

const open = views({
  journal: journal.load, state: state.load, readings: settings.loadReadings, faults: settings.loadFaults, clock: settings.loadClock,
  tokens: settings.loadTokens, snapshots: settings.loadSnapshots, "sandbox-list": settings.loadSandboxes, verdict: verdict.load,
}, journal);

async function begin() {
  mock.contract = await ask("contract");
  mock.credentials = await ask("credentials");
  const [{url}] = (await ask("openapi.json")).servers;
  mock.mount = ROOT.endsWith(`${url}/`) ? ROOT.slice(0, -url.length - 1) : "";
  at("title").textContent = `${mock.contract.info?.title ?? "Lookalike"} (mock)`;
  await settings.loadSandboxes();
  journal.forget();
  await open();
}

at("sandbox").addEventListener("change", doing(begin));
at("access").addEventListener("submit", doing(async () => { mock.token = at("token").value; await begin(); }));
at("reset").addEventListener("click", doing(async () => {
  await ask("reset", "POST");
  await begin();
  say("The sandbox is as it was at the start.");
}));
if (named) at("sandbox").value = named;
await doing(begin)();
