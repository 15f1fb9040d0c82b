// The views of a page, of which one is shown, and the buttons by which they are chosen.

import {doing} from "./page.js";

// A function that opens a view by its name. `loads` has the functions that fill them; `journal` is followed while it is shown.
export function views(loads, journal) {
  const buttons = [...document.querySelectorAll("nav button")];
  let shown = buttons[0].dataset.view;

  // A page that is not looked at, or shows something else, takes no place among those that follow the journal.
  function followWhatIsSeen() {
    if (shown === "journal" && !document.hidden) journal.follow();
    else journal.unfollow();
  }

  // Opens a view: without a name, the one that is shown.
  async function open(name = shown) {
    shown = name;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.view === name));
    for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== name;
    await loads[name]();
    followWhatIsSeen();
  }

  for (const button of buttons) button.addEventListener("click", doing(() => open(button.dataset.view)));
  // Where the buttons do not fit, those that are half seen are not scrolled to by themselves.
  const showWhole = ({target}) => target.scrollIntoView({block: "nearest", inline: "nearest"});
  document.querySelector("nav").addEventListener("focusin", showWhole);
  document.addEventListener("visibilitychange", followWhatIsSeen);
  return open;
}
