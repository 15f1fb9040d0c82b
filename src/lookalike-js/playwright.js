// Playwright's `test` with a sandbox for each worker, which every test finds as it was at the start.

import {expect, test as base} from "@playwright/test";

import {connectMock} from "./index.js";

export {expect};

export const test = base.extend({
  lookalikeUrl: ["http://127.0.0.1:4010", {option: true, scope: "worker"}],
  mock: [async ({lookalikeUrl}, use) => use(await connectMock(lookalikeUrl)), {scope: "worker"}],
  workerSandbox: [async ({mock}, use) => {
    const sandbox = await mock.sandbox();
    await use(sandbox);
    await sandbox.close();
  }, {scope: "worker"}],
  sandbox: async ({workerSandbox}, use) => {
    await workerSandbox.reset();
    await use(workerSandbox);
  },
  // The app keeps its own URL of the API: the header leads each request of its pages to the sandbox.
  extraHTTPHeaders: async ({extraHTTPHeaders, sandbox}, use) => use({...extraHTTPHeaders, "Lookalike-Sandbox": sandbox.name}),
});
