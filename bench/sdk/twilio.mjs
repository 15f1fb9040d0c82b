// Twilio's own SDK, with a transport that leads to the mock: it knows no other host than Twilio's, and only https.
import twilio from "twilio";
import { attempt, check, statusOf, url } from "./story.mjs";

class ToMock {
  async request({ method, uri, username, password, data, params, headers = {} }) {
    const target = new URL(uri);
    const query = new URLSearchParams(target.search);
    for (const [name, value] of Object.entries(params ?? {})) [value].flat().forEach((one) => query.append(name, one));
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(data ?? {})) [value].flat().forEach((one) => body.append(name, one));
    const response = await fetch(`${url.origin}${target.pathname}${query.size ? `?${query}` : ""}`, {
      method: method.toUpperCase(),
      headers: { ...headers, Authorization: `Basic ${btoa(`${username}:${password}`)}` },
      body: ["POST", "PUT"].includes(method.toUpperCase()) ? body : undefined,
    });
    return { statusCode: response.status, body: await response.text(), headers: Object.fromEntries(response.headers) };
  }
}

const sid = "AC" + "0".repeat(32);
const client = twilio(sid, "token", { httpClient: new ToMock() });

const made = await attempt(() => client.api.v2010.accounts.create({ friendlyName: "Sub" }));
await check("an account is created and active", async () => (made.friendlyName === "Sub" && made.status === "active" && made.sid.startsWith("AC")) || made);
const account = client.api.v2010.accounts(made?.sid ?? sid);
await check("it is read", async () => (await account.fetch()).friendlyName === "Sub");
await check("it is renamed", async () => (await account.update({ friendlyName: "Other" })).friendlyName === "Other");
const message = await attempt(() => account.messages.create({ body: "Hello", from: "+15017122661", to: "+15558675310" }));
await check("a message is created with what was sent", async () => [message.body, message.from, message.to].join() === "Hello,+15017122661,+15558675310" || message);
await check("a message is queued", async () => message.status === "queued" || message.status);
await check("its sid is in the shape that the path wants", async () => /^(SM|MM)[0-9a-f]{32}$/.test(message.sid) || message.sid);
await check("it belongs to its account", async () => message.accountSid === made.sid || message.accountSid);
await check("it is read", async () => (await account.messages(message.sid).fetch()).body === "Hello");
for (const body of ["a", "b", "c", "d"]) await attempt(() => account.messages.create({ body, from: "+15017122661", to: `+1555867531${body.charCodeAt(0) - 97}` }));
await check("messages are listed", async () => (await account.messages.list()).length === 5);
await check("the SDK pages through all", async () => (await account.messages.list({ pageSize: 2 })).length === 5);
await check("messages are found by recipient", async () => (await account.messages.list({ to: "+15558675312" })).map((one) => one.body).join() === "c");
await check("a limit is kept", async () => (await account.messages.list({ limit: 3 })).length === 3);
await check("a message is changed", async () => (await account.messages(message.sid).update({ body: "" })).body === "");
await check("a message is deleted", async () => (await account.messages(message.sid).remove()) === true && (await statusOf(() => account.messages(message.sid).fetch())) === 404);
const call = await attempt(() => account.calls.create({ url: "http://demo.twilio.com/docs/voice.xml", to: "+15558675310", from: "+15017122661" }));
await check("a call is queued", async () => call.status === "queued" || call.status);
await check("a call is completed", async () => (await account.calls(call.sid).update({ status: "completed" })).status === "completed");
await check("calls are found by status", async () => (await account.calls.list({ status: "completed" })).length === 1 && (await account.calls.list({ status: "queued" })).length === 0);
const queue = await attempt(() => account.queues.create({ friendlyName: "support", maxSize: 7 }));
await check("a queue keeps what was sent", async () => (queue.friendlyName === "support" && queue.maxSize === 7) || queue);
await check("a queue is read and changed", async () => (await account.queues(queue.sid).update({ maxSize: 9 })).maxSize === 9 && (await account.queues(queue.sid).fetch()).friendlyName === "support");
const address = await attempt(() => account.addresses.create({ customerName: "Asha", street: "1 Main", city: "Pune", region: "MH", postalCode: "411001", isoCountry: "IN" }));
await check("an address is created and read", async () => (await account.addresses(address.sid).fetch()).city === "Pune");
await check("a queue is deleted", async () => (await account.queues(queue.sid).remove()) === true && (await account.queues.list()).length === 0);
await check("the uri leads to the item", async () => message.uri === `/2010-04-01/Accounts/${made.sid}/Messages/${message.sid}.json` || message.uri);
