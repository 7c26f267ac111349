// Hive Gateway over the composed supergraph. Environment: CACHED is "1" for its response cache, one for each person.
import { defineConfig } from "@graphql-hive/gateway";

const ofPerson = (field) => (root, _args, context, info) => context.city.Query[field]({ root, context, info });

const selectionOf = (name) => ({ kind: "Field", name: { kind: "Name", value: name } });

function joined(field, of, by, each) {
  return {
    selectionSet: `{ ${of} }`,
    resolve: (root, _args, context, info) =>
      context.city.Query[field]({
        root,
        key: root[of],
        argsFromKeys: (keys) => ({ of: [...new Set(keys)].join(",") }),
        valuesFromResults: (rows, keys) => each(grouped(rows, by), keys),
        selectionSet: (selected) => ({ ...selected, selections: [...selected.selections, selectionOf(by)] }),
        context,
        info,
      }),
  };
}

function grouped(rows, by) {
  const found = new Map();
  for (const row of rows) found.get(row[by])?.push(row) ?? found.set(row[by], [row]);
  return found;
}

const person = (request) => request.headers.get("x-citizen-id");

export const gatewayConfig = defineConfig({
  supergraph: "supergraph.graphql",
  host: "127.0.0.1",
  port: Number(process.env.PORT),
  fork: 1,
  pollingInterval: 3_600_000,
  logging: false,
  graphiql: false,
  landingPage: false,
  jit: true,
  responseCaching: process.env.CACHED === "1" ? { session: person, ttl: 60_000 } : undefined,
  additionalResolvers: {
    Query: { viewer: () => ({}) },
    Viewer: {
      appointments: ofPerson("appointments"),
      registrations: ofPerson("registrations"),
      complaints: ofPerson("complaints"),
    },
    Complaint: { updates: joined("updates", "trackingNumber", "complaint", (rows, keys) => keys.map((key) => rows.get(key))) },
    Registration: { kind: joined("kinds", "kindId", "code", (rows, keys) => keys.map((key) => rows.get(key)[0])) },
  },
});
