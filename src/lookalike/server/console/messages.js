// The messages of the page: what has been done, what went wrong, and a text that is to be copied by hand.

let show = () => {};

// Gives the messages to a function, each time those that change.
export function shownBy(handler) {
  show = handler;
}

// Says what has been done, to the eye and to a screen reader.
export const say = (done) => show({done});

// Shows an error; null is none.
export const tell = (problem) => show({problem});

// Says how the journal is followed.
export const sayLive = (live) => show({live});

// Runs the work of a button or a form, and shows what went wrong.
export function doing(work) {
  return async (event) => {
    event?.preventDefault();
    try {
      say("");
      await work(event);
      tell(null);
    } catch (error) {
      tell(error);
    }
  };
}

// Copies a text, or shows it for copying by hand: a page that does not come from this machine has no clipboard.
export async function copy(text, name) {
  try {
    await navigator.clipboard.writeText(text);
    say(`${name}: copied.`);
  } catch {
    show({byHand: {text, name}});
  }
}
