import type {
  PlaywrightTestArgs, PlaywrightTestOptions, PlaywrightWorkerArgs, PlaywrightWorkerOptions, TestType,
} from "@playwright/test";

import type {Mock, Sandbox} from "./index.js";

export {expect} from "@playwright/test";

/** Options of `use` in the configuration. */
export interface LookalikeOptions {
  /** A URL of the mock, http://127.0.0.1:4010 by default. */
  lookalikeUrl: string;
}

/** `test` of Playwright; `sandbox` is that of the worker, reset before each test. Requests of pages and of `request` are answered in it. */
export const test: TestType<
  PlaywrightTestArgs & PlaywrightTestOptions & {sandbox: Sandbox},
  PlaywrightWorkerArgs & PlaywrightWorkerOptions & LookalikeOptions & {mock: Mock; workerSandbox: Sandbox}
>;
