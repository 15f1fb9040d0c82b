// The declared types, as an editor sees them: tsc checks this file, and nothing runs it.

import {connectMock, startMock} from "@lookalike/testing";
import {expect, test as pageTest} from "@lookalike/testing/playwright";
import {test} from "@lookalike/testing/vitest";

pageTest.use({lookalikeUrl: (await startMock("openapi.yaml", {command: ["python", "-m", "lookalike"]})).url});

pageTest("fixtures stand beside those of Playwright", async ({page, request, sandbox}) => {
  await page.goto(sandbox.url);
  expect((await sandbox.journal())[0].response.status).toBe((await request.get("/")).status());
});

test("a sandbox has only its members", async ({mock, sandbox}) => {
  await (await connectMock(mock.url)).close();
  // @ts-expect-error: the member is unknown
  sandbox.nothing();
});
