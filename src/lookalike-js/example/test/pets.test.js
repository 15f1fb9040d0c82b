import {test} from "@lookalike/testing/vitest";
import {describe, expect} from "vitest";

import {petsAt} from "../src/pets.js";

describe.concurrent("the client of the API", () => {
  test("a pet that is added is in the list", async ({sandbox}) => {
    const pets = petsAt(sandbox.url);
    await pets.add({name: "Rex", kind: "dog"});
    expect((await pets.list()).map(({name}) => name)).toEqual(["Minka", "Bello", "Rex"]);
  });

  test("another test has the pets of the document only", async ({sandbox}) => {
    expect((await petsAt(sandbox.url).list()).map(({name}) => name)).toEqual(["Minka", "Bello"]);
  });

  test("a test can begin with any state", async ({sandbox}) => {
    await sandbox.setState({pet: []});
    expect(await petsAt(sandbox.url).list()).toEqual([]);
  });

  test("a refusal is told in the words of the API", async ({sandbox}) => {
    await expect(petsAt(sandbox.url).add({name: "R", kind: "dog"})).rejects.toThrow(/name/);
    expect((await sandbox.journal())[0].response.status).toBe(400);
  });

  test("a server that is down is told in words of our own", async ({sandbox}) => {
    await sandbox.fault("down", {status: 503});
    await expect(petsAt(sandbox.url).list()).rejects.toThrow("The server is not available.");
  });

  test("a connection that breaks means offline", async ({sandbox}) => {
    await sandbox.fault("offline", {reset: true});
    await expect(petsAt(sandbox.url).list()).rejects.toThrow("You are offline. Try again later.");
  });
});
