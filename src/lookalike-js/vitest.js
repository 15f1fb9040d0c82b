// Vitest's `test` with a sandbox of its own for each test, in a mock that the whole run shares.

import {inject, test as base} from "vitest";

import {connectMock} from "./index.js";

export const test = base.extend({
  // A worker serves many tests, and one request finds the base path for all of them.
  mock: [async ({}, use) => {
    const url = inject("lookalikeUrl");
    if (!url) throw new Error("no mock is there: start one in Vitest's globalSetup, and provide its URL as lookalikeUrl");
    await use(await connectMock(url));
  }, {scope: "worker"}],
  sandbox: async ({mock}, use) => {
    const sandbox = await mock.sandbox();
    await use(sandbox);
    await sandbox.close();
  },
});
