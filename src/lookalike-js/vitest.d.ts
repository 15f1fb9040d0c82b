import type {TestAPI} from "vitest";

import type {Mock, Sandbox} from "./index.js";

declare module "vitest" {
  interface ProvidedContext {
    /** A URL of the mock, which a `globalSetup` provides. */
    lookalikeUrl: string;
  }
}

/** `test` of Vitest; `sandbox` is new for each test. */
export const test: TestAPI<{mock: Mock; sandbox: Sandbox}>;
