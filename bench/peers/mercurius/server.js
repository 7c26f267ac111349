// Mercurius with graphql-jit and loaders, as its documentation has it. Environment: PORT, DEPARTMENTS, and CLIENT:
// "undici" for undici's own interface, otherwise Node's fetch.
import { readFileSync } from "node:fs";
import Fastify from "fastify";
import mercurius from "mercurius";
import { Pool } from "undici";

const { PORT, DEPARTMENTS, CLIENT } = process.env;
const departments = new Pool(DEPARTMENTS, { connections: 64 });
const schema = readFileSync(new URL("./schema.graphql", import.meta.url), "utf8");

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

// A loader is handed all parents of a level; `of` is the key that a parent has, `by` the one that a row has.
const joined = (path, of, each) => async (queries) => {
  const wanted = [...new Set(queries.map(({ obj }) => obj[of]))];
  return each(await get(`${path}?of=${wanted.join(",")}`), queries.map(({ obj }) => obj[of]));
};

const app = Fastify();
await app.register(mercurius, {
  schema,
  jit: 1,
  context: (request) => ({ person: request.headers["x-citizen-id"] }),
  resolvers: {
    Query: { viewer: () => ({}) },
    Viewer: {
      appointments: ofPerson("/appointments"),
      registrations: ofPerson("/registrations"),
      complaints: ofPerson("/complaints"),
    },
  },
  loaders: {
    Complaint: {
      updates: {
        loader: joined("/updates", "trackingNumber", (rows, keys) => {
          const steps = grouped(rows);
          return keys.map((key) => steps.get(key) ?? []);
        }),
        opts: { cache: false },
      },
    },
    Registration: {
      kind: {
        loader: joined("/kinds", "kindId", (rows, keys) => {
          const kinds = new Map(rows.map((row) => [row.code, row]));
          return keys.map((key) => kinds.get(key));
        }),
        opts: { cache: false },
      },
    },
  },
});

function grouped(rows) {
  const found = new Map();
  for (const row of rows) found.get(row.complaint)?.push(row) ?? found.set(row.complaint, [row]);
  return found;
}

await app.listen({ port: Number(PORT), host: "127.0.0.1" });
console.log(`http://127.0.0.1:${app.server.address().port}`);
