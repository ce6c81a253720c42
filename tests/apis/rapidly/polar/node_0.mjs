// Run beside @polar-sh/sdk 0.49.0: prints what the client makes of the server's answers, as JSON.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const load = (name) =>
  import(pathToFileURL(createRequire(`${process.cwd()}/here.js`).resolve(name)).href);
const { Polar } = await load("@polar-sh/sdk");
const { ResourceNotFound } = await load("@polar-sh/sdk/models/errors/resourcenotfound.js");
const { HTTPValidationError } = await load("@polar-sh/sdk/models/errors/httpvalidationerror.js");
const polar = new Polar({ accessToken: process.env.TOKEN, serverURL: process.env.BASE_URL });
const first = async (pages) => {
  for await (const page of pages) return page.result.items;
};
const seen = {};

const made = await polar.customers.create({
  email: "Ada@acme.test",
  name: "Ada",
  externalId: "ada",
  metadata: { plan: "pro", seats: 3 },
  billingAddress: { country: "DE", city: "Berlin" },
});
seen.made = [made.email, made.name, made.externalId, made.metadata, made.billingAddress.city];
const cost = { amount: 0.25, currency: "usd" };
const sent = await polar.events.ingest({
  events: [
    { name: "llm", externalCustomerId: "ada", externalId: "e1", metadata: { n: 1, ok: true } },
    { name: "llm", customerId: made.id, parentId: "e1", metadata: { _cost: cost } },
    { name: "llm", externalCustomerId: "ada", externalId: "e1" },
  ],
});
seen.ingested = [sent.inserted, sent.duplicates];
const listed = await polar.events.list({ limit: 10 });
seen.listed = listed.items.map((event) => [event.name, event.source, event.label]).sort();
const [event] = (await polar.events.list({ name: ["llm"], metadata: { n: 1 }, externalCustomerId: "ada" })).items;
seen.filtered = [event.name, event.metadata.n];
const one = await polar.events.get({ id: event.id });
seen.got = [one.id === event.id, one.childCount, one.customer.name];
seen.names = [];
for await (const page of await polar.events.listNames({ limit: 1 })) {
  seen.names.push(...page.result.items.map((item) => [item.name, item.source, item.occurrences]));
}
try {
  await polar.events.get({ id: "749ec817-0bbf-4301-9ba8-555ca42b9737" });
} catch (error) {
  if (error instanceof ResourceNotFound) seen.missing = error.statusCode;
}
try {
  await polar.events.ingest({ events: [{ name: "x", customerId: made.id, parentId: "nobody" }] });
} catch (error) {
  if (error instanceof HTTPValidationError) seen.refused = error.detail.map((fault) => [fault.type, fault.loc]);
}
seen.customers = (await first(await polar.customers.list({ query: "ada" }))).map((customer) => customer.email);
const changed = await polar.customers.updateExternal({
  externalId: "ada",
  customerUpdateExternalID: { name: "Countess" },
});
seen.changed = changed.name;
seen.external = (await polar.customers.getExternal({ externalId: "ada" })).name;
await polar.customers.delete({ id: made.id });
seen.told = (await polar.events.list({ source: "system" })).items.map((told) => told.name);
console.log(JSON.stringify(seen));
