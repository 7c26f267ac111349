// The departments as one source of Mesh's JSON-schema handler. Environment: DEPARTMENTS.
import { defineConfig } from "@graphql-mesh/compose-cli";
import { loadJSONSchemaSubgraph } from "@omnigraph/json-schema";

const text = { type: "string" };
const object = (title, properties) => ({
  type: "object",
  title,
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const listOf = (items) => ({ type: "array", items });
const connection = (title, node) => object(`${title}Connection`, { nodes: listOf(object(title, node)) });

const services = listOf(object("AppointmentService", { name: text }));
const replies = {
  appointments: connection("Appointment", { id: text, state: text, startsAt: text, officeName: text, services }),
  registrations: connection("Registration", { id: text, kindId: text, kindName: text, state: text, message: text }),
  complaints: connection("Complaint", {
    id: text,
    trackingNumber: text,
    categoryName: text,
    state: text,
    awaiting: text,
    updatedAt: text,
  }),
  updates: listOf(object("ComplaintUpdate", { complaint: text, at: text, state: text, text })),
  kinds: listOf(object("RegistrationKind", { id: text, code: text, name: text, description: text })),
};

const query = (field, path, more) => ({
  type: "Query",
  method: "GET",
  field,
  path,
  responseSchema: replies[field],
  ...more,
});
const ofPerson = (field) => query(field, `/${field}?person={context.headers.x-citizen-id}`);
const of = (field) => query(field, `/${field}?of={args.of}`, { argTypeMap: { of: { type: "string" } } });

export const composeConfig = defineConfig({
  subgraphs: [
    {
      sourceHandler: loadJSONSchemaSubgraph("city", {
        endpoint: process.env.DEPARTMENTS,
        operations: [
          ofPerson("appointments"),
          ofPerson("registrations"),
          ofPerson("complaints"),
          of("updates"),
          of("kinds"),
        ],
      }),
    },
  ],
  additionalTypeDefs: /* GraphQL */ `
    extend type Query {
      viewer: Viewer
    }
    type Viewer {
      appointments(first: Int): AppointmentConnection
      registrations(first: Int): RegistrationConnection
      complaints(first: Int): ComplaintConnection
    }
    extend type Complaint {
      updates: [ComplaintUpdate!]
    }
    extend type Registration {
      kind: RegistrationKind
    }
  `,
});
