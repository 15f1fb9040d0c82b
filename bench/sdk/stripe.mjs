// Stripe's own SDK, with nothing but host, port and protocol changed.
import Stripe from "stripe";
import { attempt, check, statusOf, url } from "./story.mjs";

const stripe = new Stripe("sk_test_123", { host: url.hostname, port: url.port, protocol: "http", maxNetworkRetries: 0, telemetry: false });

const customer = await attempt(() => stripe.customers.create({ email: "asha@example.com", name: "Asha", metadata: { plan: "gold" } }));
await check("a customer is created with what was sent", async () => [customer.email, customer.name, customer.metadata.plan].join() === "asha@example.com,Asha,gold" || customer);
await check("it is read", async () => (await stripe.customers.retrieve(customer.id)).email === "asha@example.com");
await check("it is changed, and keeps the rest", async () => {
  const { name, email } = await stripe.customers.update(customer.id, { name: "Asha B." });
  return name === "Asha B." && email === "asha@example.com";
});
await check("a member of metadata is added to the others", async () => {
  const { metadata } = await stripe.customers.update(customer.id, { metadata: { seats: "3" } });
  return metadata.plan === "gold" && metadata.seats === "3";
});
for (const n of [1, 2, 3, 4]) await attempt(() => stripe.customers.create({ email: `c${n}@example.com` }));
await check("customers are listed newest first", async () => (await stripe.customers.list()).data.map((one) => one.email[1]).join("") === "4321s");
await check("a page says that there are more", async () => {
  const page = await stripe.customers.list({ limit: 2 });
  return page.data.length === 2 && page.has_more === true;
});
await check("the SDK pages through all", async () => (await stripe.customers.list({ limit: 2 }).autoPagingToArray({ limit: 100 })).length === 5);
await check("the last page says that there are no more", async () => (await stripe.customers.list({ limit: 100 })).has_more === false);
await check("customers are found by email", async () => (await stripe.customers.list({ email: "c2@example.com" })).data.length === 1);
await check("an unknown customer is an invalid request", async () => {
  try {
    await stripe.customers.retrieve("cus_nobody");
  } catch (error) {
    return (error.statusCode === 404 && error.type === "StripeInvalidRequestError") || `${error.statusCode} ${error.type}`;
  }
});
await check("what is missing is told", async () => {
  try {
    await stripe.prices.create({});
  } catch (error) {
    return (/currency/.test(error.message) && error.type === "StripeInvalidRequestError") || `${error.type} ${error.message}`;
  }
});
const product = await attempt(() => stripe.products.create({ name: "Gold plan" }));
await check("a product is active", async () => (product.active === true && product.name === "Gold plan") || product);
const price = await attempt(() => stripe.prices.create({ currency: "eur", unit_amount: 1200, product: product.id, recurring: { interval: "month" } }));
await check("a price keeps what was sent, completed", async () => (price.recurring.interval === "month" && price.unit_amount === 1200 && price.recurring.interval_count === 1) || price);
await check("a price belongs to its product", async () => price.product === product.id || price.product);
await check("a related product is expanded", async () => (await stripe.prices.retrieve(price.id, { expand: ["product"] })).product.name === "Gold plan");
await check("prices are found by product", async () => (await stripe.prices.list({ product: product.id })).data.length === 1 && (await stripe.prices.list({ product: "prod_other" })).data.length === 0);
await check("a product is changed", async () => (await stripe.products.update(product.id, { active: false })).active === false);
await check("products are found by active", async () => (await stripe.products.list({ active: false })).data.length === 1);
const intent = await attempt(() => stripe.paymentIntents.create({ amount: 2000, currency: "eur", customer: customer.id }));
await check("a payment intent waits for a payment method", async () => (intent.status === "requires_payment_method" && intent.amount === 2000) || intent.status);
await check("it names its customer", async () => intent.customer === customer.id || intent.customer);
await check("a payment intent is canceled", async () => (await stripe.paymentIntents.cancel(intent.id)).status === "canceled" && (await stripe.paymentIntents.retrieve(intent.id)).status === "canceled");
await check("a payment intent is confirmed", async () => {
  const { id } = await stripe.paymentIntents.create({ amount: 500, currency: "eur" });
  const { status } = await stripe.paymentIntents.confirm(id, { payment_method: "pm_card_visa" });
  return status === "succeeded" || status === "processing" || status;
});
const invoice = await attempt(() => stripe.invoices.create({ customer: customer.id }));
await check("an invoice is a draft", async () => invoice.status === "draft" || invoice.status);
await check("an invoice is finalized", async () => (await stripe.invoices.finalizeInvoice(invoice.id)).status === "open");
await check("an invoice is paid", async () => (await stripe.invoices.pay(invoice.id)).status === "paid");
await check("an invoice is voided", async () => {
  const { id } = await stripe.invoices.create({ customer: customer.id });
  return (await stripe.invoices.voidInvoice(id)).status === "void";
});
const subscription = await attempt(() => stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] }));
await check("a subscription is active", async () => (subscription.status === "active" && subscription.customer === customer.id) || [subscription.status, subscription.customer]);
await check("its items are those that were sent", async () => (subscription.items.data.length === 1 && subscription.items.data[0].price.id === price.id) || subscription.items);
await check("a subscription is canceled by DELETE, and can be read", async () => {
  await stripe.subscriptions.cancel(subscription.id);
  return (await stripe.subscriptions.retrieve(subscription.id)).status === "canceled";
});
await check("a coupon is created under its own id", async () => {
  await stripe.coupons.create({ id: "SPRING", percent_off: 20, duration: "once" });
  return (await stripe.coupons.retrieve("SPRING")).percent_off === 20;
});
await check("a refund of a charge", async () => {
  const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 100 });
  return (await stripe.refunds.retrieve(refund.id)).amount === 100;
});
await check("a file is uploaded with its size and name", async () => {
  const file = await stripe.files.create({ purpose: "dispute_evidence", file: { data: Buffer.from("hello"), name: "a.txt", type: "text/plain" } }, { host: url.hostname });
  return (file.size === 5 && file.filename === "a.txt" && file.purpose === "dispute_evidence") || file;
});
await check("customers are searched", async () => {
  const byEmail = await stripe.customers.search({ query: "email:'c1@example.com'" });
  const byPlan = await stripe.customers.search({ query: "metadata['plan']:'gold'" });
  return (byEmail.data.length === 1 && byPlan.data.map((one) => one.id).join() === customer.id) || [byEmail.data.length, byPlan.data.length];
});
await check("a payment method is attached to a customer, and listed below it", async () => {
  const method = await stripe.paymentMethods.create({ type: "card", card: { token: "tok_visa" } });
  await stripe.paymentMethods.attach(method.id, { customer: customer.id });
  const lists = [await stripe.paymentMethods.list({ customer: customer.id, type: "card" }), await stripe.customers.listPaymentMethods(customer.id)];
  return lists.every(({ data }) => data.map((one) => one.id).join() === method.id);
});
await check("a refund is pending, and canceled", async () => {
  const refund = await stripe.refunds.create({ payment_intent: intent.id });
  return refund.status === "pending" && (await stripe.refunds.cancel(refund.id)).status === "canceled";
});
await check("a transaction of a customer's balance names the customer", async () => {
  const { customer: named } = await stripe.customers.createBalanceTransaction(customer.id, { amount: -500, currency: "eur" });
  return named === customer.id || named;
});
await check("a balance is read", async () => (await stripe.balance.retrieve()).object === "balance");
await check("a customer's tax id is created and listed below it", async () => {
  const one = await stripe.customers.createTaxId(customer.id, { type: "eu_vat", value: "DE123456789" });
  return one.value === "DE123456789" && (await stripe.customers.listTaxIds(customer.id)).data.length === 1;
});
await check("a deleted customer says so", async () => (await stripe.customers.del(customer.id)).deleted === true);
await check("a deleted customer is gone", async () => {
  const again = await attempt(() => stripe.customers.retrieve(customer.id));
  return again === undefined || again.deleted === true;
});
