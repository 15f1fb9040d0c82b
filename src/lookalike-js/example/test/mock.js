// Vitest's global setup: one mock for the whole run.

import {startMock} from "@lookalike/testing";

import {command, document} from "../lookalike.js";

export default async function setup({provide}) {
  const mock = await startMock(document, {command});
  provide("lookalikeUrl", mock.url);
  return () => mock.close();
}
