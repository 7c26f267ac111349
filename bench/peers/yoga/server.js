// GraphQL Yoga with DataLoader, as its documentation has it. Environment: PORT, DEPARTMENTS, and CLIENT:
// "undici" for undici's own interface, otherwise Node's fetch.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import DataLoader from "dataloader";
import { createSchema, createYoga } from "graphql-yoga";
import { Pool } from "undici";

const { PORT, DEPARTMENTS, CLIENT } = process.env;
const departments = new Pool(DEPARTMENTS, { connections: 64 });
const typeDefs = readFileSync(new URL("./schema.graphql", import.meta.url), "utf8");

async function request(path) {
  const { statusCode, body } = await departments.request({ path, method: "GET" });
  if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}`);
  return body.json();
}

async function fetched(path) {
  const answer = await fetch(DEPARTMENTS + path);
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

const get = CLIENT === "undici" ? request : fetched;

const ofPerson = (path) => (_viewer, _arguments, context) => get(`${path}?person=${context.person}`);

async function updatesOf(numbers) {
  const found = new Map(numbers.map((number) => [number, []]));
  for (const row of await get(`/updates?of=${numbers.join(",")}`)) found.get(row.complaint).push(row);
  return [...found.values()];
}

async function kindsOf(codes) {
  const found = new Map((await get(`/kinds?of=${codes.join(",")}`)).map((row) => [row.code, row]));
  return codes.map((code) => found.get(code));
}

const yoga = createYoga({
  logging: false,
  graphiql: false,
  landingPage: false,
  context: ({ request }) => ({
    person: request.headers.get("x-citizen-id"),
    updates: new DataLoader(updatesOf),
    kinds: new DataLoader(kindsOf),
  }),
  schema: createSchema({
    typeDefs,
    resolvers: {
      Query: { viewer: () => ({}) },
      Viewer: {
        appointments: ofPerson("/appointments"),
        registrations: ofPerson("/registrations"),
        complaints: ofPerson("/complaints"),
      },
      Complaint: { updates: (complaint, _arguments, context) => context.updates.load(complaint.trackingNumber) },
      Registration: { kind: (registration, _arguments, context) => context.kinds.load(registration.kindId) },
    },
  }),
});

const server = createServer(yoga);
server.listen(Number(PORT), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
