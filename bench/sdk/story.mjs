// A story: checks by name, each told in one line of JSON. A check that throws fails, and the story goes on.
const [, , origin] = process.argv;
export const url = new URL(origin);

export async function check(name, holds) {
  let ok = false;
  let got = "";
  try {
    const value = await holds();
    ok = value === true;
    got = ok ? "" : JSON.stringify(value);
  } catch (error) {
    got = String(error.message ?? error).split("\n")[0];
  }
  console.log(JSON.stringify({ name, ok, got: String(got).slice(0, 300) }));
}

// The value of a step that others build on; undefined where it fails, so that those fail too.
export async function attempt(step) {
  try {
    return await step();
  } catch (error) {
    return undefined;
  }
}

export async function statusOf(step) {
  try {
    await step();
    return "no error";
  } catch (error) {
    return error.status ?? error.statusCode ?? error.code ?? String(error);
  }
}
