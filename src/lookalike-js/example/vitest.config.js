import {defineConfig} from "vitest/config";

export default defineConfig({test: {globalSetup: "test/mock.js", include: ["test/*.test.js"]}});
