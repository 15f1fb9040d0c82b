// A Lookalike mock for tests: starts the command that you give, and has a sandbox for each test.

import {spawn} from "node:child_process";
import {randomUUID} from "node:crypto";
import {once} from "node:events";
import {createInterface} from "node:readline";

const STARTED = /^Lookalike is listening on (\S+)/;

/** Starts a mock of a document on a free port, and waits until it answers. */
export async function startMock(document, {command = "lookalike", options = [], environment = {}} = {}) {
  const [program, ...before] = [command].flat();
  const child = spawn(program, [...before, "mock", document, "--port", "0", "--log", "off", ...options], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {...process.env, ...environment},
  });
  let errors = "";
  child.stderr.on("data", (text) => { errors += text; });
  const failed = once(child, "error").then(([error]) => {
    throw new Error(`${program} cannot be started (${error.code}): name the command of Lookalike in {command}`, {cause: error});
  });
  const ended = once(child, "close").then(([code]) => { throw new Error(`lookalike ended with code ${code}: ${errors.trim()}`); });
  failed.catch(() => {});
  ended.catch(() => {});
  const listening = (async () => {
    for await (const line of createInterface({input: child.stdout})) {
      const found = STARTED.exec(line);
      if (found) return new URL(found[1]).origin;
    }
    return ended;
  })();
  const origin = await Promise.race([listening, failed, ended]);
  child.stdout.resume();
  release(child);
  return mockAt(origin, () => end(child));
}

// A mock that a failed test never closed keeps no test runner from ending, and ends with it.
function release(child) {
  for (const one of [child, child.stdout, child.stderr]) one.unref();
  const kill = () => child.kill("SIGTERM");
  process.once("exit", kill);
  child.once("close", () => process.off("exit", kill));
}

/** A mock that runs already, by any of its URLs; its `close` leaves it running. */
export function connectMock(url) {
  return mockAt(new URL(url).origin, async () => {});
}

async function mockAt(origin, close) {
  const contract = await new Sandbox(origin, "default").control("contract").catch((error) => {
    throw new Error(`no mock answers at ${origin}: ${error.cause?.message ?? error.message}`, {cause: error});
  });
  return new Mock(origin, new URL(contract.servers?.[0]?.url ?? "/", origin).pathname.replace(/\/$/, ""), close);
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  for (const one of [child, child.stdout, child.stderr]) one.ref();
  child.kill("SIGTERM");
  await closed;
}

/** A mock that runs, until `close`. */
class Mock {
  constructor(origin, basePath, close) {
    this.origin = origin;
    this.basePath = basePath;
    this.url = origin + basePath;
    this.close = close;
  }

  /** A new sandbox: state, journal and faults of its own. */
  async sandbox(name = `js-${randomUUID()}`) {
    const made = new Sandbox(this.origin, name, this.basePath);
    await made.control(`sandboxes/${encodeURIComponent(name)}`, "PUT");
    return made;
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }
}

/** A sandbox of a mock; requests below its `url` are about it. */
class Sandbox {
  constructor(origin, name, basePath = "") {
    this.name = name;
    this.url = `${origin}/__sandbox/${encodeURIComponent(name)}${basePath}`;
    this.controlUrl = `${origin}/__lookalike/`;
  }

  /** The answer of the control API; throws an Error with its reason where it refuses. */
  async control(path, method = "GET", body = undefined) {
    const answer = await fetch(this.controlUrl + path, {
      method,
      headers: {"Lookalike-Sandbox": this.name, ...(body === undefined ? {} : {"Content-Type": "application/json"})},
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    const value = text ? JSON.parse(text) : null;
    if (!answer.ok) throw new Error(value?.detail ?? `the control API answers ${answer.status}`);
    return value;
  }

  state() { return this.control("state"); }
  setState(items) { return this.control("state", "PATCH", items); }
  journal() { return this.control("journal"); }
  fault(name, rule) { return this.control(`faults/${encodeURIComponent(name)}`, "PUT", rule); }
  setClock(change) { return this.control("clock", "PUT", change); }
  credentials() { return this.control("credentials"); }
  reset() { return this.control("reset", "POST"); }
  close() { return this.control(`sandboxes/${encodeURIComponent(this.name)}`, "DELETE"); }

  [Symbol.asyncDispose]() {
    return this.close();
  }
}
