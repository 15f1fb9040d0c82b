// The page: shows the pets, and adds one.

import {petsAt} from "./pets.js";

const pets = petsAt(`${import.meta.env.VITE_API_ORIGIN ?? ""}/api`);
const [list, form, problem] = ["ul", "form", "[role=alert]"].map((selector) => document.querySelector(selector));

async function attempt(action) {
  problem.textContent = "";
  try {
    await action();
  } catch (error) {
    problem.textContent = error.message;
  }
}

async function show() {
  const items = (await pets.list()).map(({name, kind}) => {
    const item = document.createElement("li");
    item.textContent = `${name}, ${kind}`;
    return item;
  });
  list.replaceChildren(...items);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    await pets.add(Object.fromEntries(new FormData(form)));
    form.reset();
    await show();
  });
});
attempt(show);
