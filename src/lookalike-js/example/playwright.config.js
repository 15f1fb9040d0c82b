import {defineConfig} from "@playwright/test";

import {command, document} from "./lookalike.js";

// Playwright puts a named group of `wait` into the environment: here the free port that each server took.
export default defineConfig({
  testMatch: "test/*.spec.js",
  fullyParallel: true,
  workers: 2,
  reporter: "list",
  use: {
    browserName: "chromium",
    launchOptions: {executablePath: process.env.CHROMIUM},
    lookalikeUrl: process.env.VITE_API_ORIGIN,
    baseURL: process.env.APP_URL,
  },
  webServer: [
    {
      command: `${command} mock ${document} --port 0 --log off`,
      wait: {stdout: /listening on (?<vite_api_origin>http:\/\/[^/\s]+)/},
    },
    {command: "vite --port 0 --host 127.0.0.1", wait: {stdout: /Local: +(?<app_url>http:\S+)/}, env: {FORCE_COLOR: "0"}},
  ],
});
