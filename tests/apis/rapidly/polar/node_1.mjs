// Run beside @polar-sh/sdk 1.0.1: prints what the client makes of the server's answers, as JSON.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const load = (name) =>
  import(pathToFileURL(createRequire(`${process.cwd()}/here.js`).resolve(name)).href);
const { createPolar } = await load("@polar-sh/sdk/2026-04");
const polar = createPolar({ accessToken: process.env.TOKEN, baseUrl: process.env.BASE_URL });
const seen = {};

const made = await polar.customers.create({
  email: "Ada@acme.test",
  name: "Ada",
  external_id: "ada",
  metadata: { plan: "pro", seats: 3 },
  billing_address: { country: "DE", city: "Berlin" },
});
seen.made = [made.email, made.name, made.external_id, made.metadata, made.billing_address.city];
const cost = { amount: 0.25, currency: "usd" };
const sent = await polar.events.ingest({
  events: [
    { name: "llm", external_customer_id: "ada", external_id: "e1", metadata: { n: 1, ok: true } },
    { name: "llm", customer_id: made.id, parent_id: "e1", metadata: { _cost: cost } },
    { name: "llm", external_customer_id: "ada", external_id: "e1" },
  ],
});
seen.ingested = [sent.inserted, sent.duplicates];
const listed = await polar.events.list({ limit: 10 });
seen.listed = listed.items.map((event) => [event.name, event.source, event.label]).sort();
const [event] = (await polar.events.list({ name: ["llm"], metadata: { n: 1 }, external_customer_id: "ada" })).items;
seen.filtered = [event.name, event.metadata.n];
const one = await polar.events.get(event.id);
seen.got = [one.id === event.id, one.child_count, one.customer.name];
seen.names = [];
for (let page = 1; ; page += 1) {
  const names = await polar.events.listNames({ limit: 1, page });
  seen.names.push(...names.items.map((item) => [item.name, item.source, item.occurrences]));
  if (page >= names.pagination.max_page) break;
}
try {
  await polar.events.get("749ec817-0bbf-4301-9ba8-555ca42b9737");
} catch (error) {
  if (error.constructor.name === "ResourceNotFound") seen.missing = error.statusCode ?? error.status;
}
try {
  await polar.events.ingest({ events: [{ name: "x", customer_id: made.id, parent_id: "nobody" }] });
} catch (error) {
  if (error.constructor.name === "HTTPValidationError") {
    seen.refused = (error.error ?? error.data ?? error).detail.map((fault) => [fault.type, fault.loc]);
  }
}
seen.customers = (await polar.customers.list({ query: "ada" })).items.map((customer) => customer.email);
seen.changed = (await polar.customers.updateExternal("ada", { name: "Countess" })).name;
seen.external = (await polar.customers.getExternal("ada")).name;
await polar.customers.delete(made.id);
seen.told = (await polar.events.list({ source: "system" })).items.map((told) => told.name);
console.log(JSON.stringify(seen));
