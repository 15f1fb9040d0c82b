import {expect, test} from "@lookalike/testing/playwright";

const pets = (page) => page.getByRole("list", {name: "Pets"}).getByRole("listitem");

async function add(page, name) {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Kind").selectOption("dog");
  await page.getByRole("button", {name: "Add"}).click();
}

test("the pets of the API are listed", async ({page}) => {
  await page.goto("/");
  await expect(pets(page)).toHaveText(["Minka, cat", "Bello, dog"]);
});

test("a pet that is added is listed, and the API has it", async ({page, sandbox}) => {
  await page.goto("/");
  await add(page, "Rex");
  await expect(pets(page)).toHaveText(["Minka, cat", "Bello, dog", "Rex, dog"]);
  expect((await sandbox.state()).pet.at(-1)).toMatchObject({name: "Rex", kind: "dog"});
});

test("every test finds the pets of the document", async ({page}) => {
  await page.goto("/");
  await expect(pets(page)).toHaveCount(2);
});

test("an error of the API is shown, and nothing is added", async ({page, sandbox}) => {
  await page.goto("/");
  await add(page, "R");
  await expect(page.getByRole("alert")).toContainText("name");
  expect((await sandbox.state()).pet).toHaveLength(2);
});

test("the page says that it is offline, and works again afterwards", async ({page, sandbox}) => {
  await page.goto("/");
  await expect(pets(page)).toHaveCount(2);
  await sandbox.fault("offline", {reset: true});
  await add(page, "Rex");
  await expect(page.getByRole("alert")).toHaveText("You are offline. Try again later.");
  await sandbox.reset();
  await add(page, "Rex");
  await expect(pets(page)).toHaveCount(3);
  await expect(page.getByRole("alert")).toBeEmpty();
});

test("requests that a test sends itself are answered in the sandbox too", async ({mock, request, sandbox}) => {
  await sandbox.setState({pet: []});
  expect(await (await request.get(`${mock.url}/pets`)).json()).toEqual([]);
});
