import assert from "node:assert/strict";
import {spawn} from "node:child_process";
import {once} from "node:events";
import {createServer} from "node:net";
import {after, afterEach, before, beforeEach, test} from "node:test";

import {connectMock, startMock} from "../index.js";

const command = (process.env.LOOKALIKE ?? "lookalike").split(" ");
const document = process.env.LOOKALIKE_DOCUMENT;

let mock;
let sandbox;
before(async () => { mock = await startMock(document, {command}); });
after(() => mock.close());
beforeEach(async () => { sandbox = await mock.sandbox(); });
afterEach(() => sandbox.close());

const names = async () => (await (await fetch(`${sandbox.url}/pets`)).json()).data.map(({name}) => name);

test("each test has its own state", async () => {
  await fetch(`${sandbox.url}/pets/1`, {method: "DELETE"});
  assert.deepEqual(await names(), ["Bello"]);
});

test("another test sees nothing of it", async () => {
  assert.deepEqual(await names(), ["Minka", "Bello"]);
  await sandbox.setState({pet: []});
  assert.deepEqual(await names(), []);
});

test("the journal tells why the mock answered so", async () => {
  await fetch(`${sandbox.url}/pets/99`);
  const [entry] = await sandbox.journal();
  assert.equal(entry.response.status, 404);
});

test("a fault is of one sandbox", async () => {
  await sandbox.fault("busy", {status: 503});
  assert.equal((await fetch(`${sandbox.url}/pets`)).status, 503);
  assert.equal((await fetch(`${mock.url}/pets`)).status, 200);
});

test("the clock is set", async () => {
  const {time} = await sandbox.setClock({time: "2030-01-01T00:00:00Z", stopped: true});
  assert.equal(time, "2030-01-01T00:00:00.000Z");
});

test("a refusal of the control API has its reason", async () => {
  await assert.rejects(sandbox.setState({pet: [{}]}), /name is required/);
});

test("a mock that cannot start says why", async () => {
  await assert.rejects(startMock("no-such-file.yaml", {command}), /no-such-file\.yaml/);
  await assert.rejects(startMock(document, {command: "no-such-command"}), /no-such-command cannot be started .*\{command\}/);
});

test("a mock that runs already is used by any of its URLs, and goes on when it is closed", async () => {
  const connected = await connectMock(`${mock.url}/pets/1`);
  assert.equal(connected.url, mock.url);
  await connected.close();
  assert.equal((await fetch(`${mock.url}/pets`)).status, 200);
});

test("a program that never closes its mock ends all the same, and the mock with it", async () => {
  const forgetful = `import {startMock} from ${JSON.stringify(new URL("../index.js", import.meta.url))};
    console.log((await startMock(${JSON.stringify(document)}, {command: ${JSON.stringify(command)}})).origin);`;
  const program = spawn(process.execPath, ["--input-type", "module", "--eval", forgetful], {stdio: ["ignore", "pipe", "inherit"]});
  let told = "";
  program.stdout.on("data", (text) => { told += text; });
  assert.deepEqual(await once(program, "close"), [0, null]);
  for (let isUp = true; isUp;) isUp = await fetch(told.trim()).then(() => true, () => false);
});

test("a URL without a mock is told", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const {port} = server.address();
  server.close();
  await assert.rejects(connectMock(`http://127.0.0.1:${port}`), /no mock answers at http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/);
});
