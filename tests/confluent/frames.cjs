// Confluent's serializers and deserializers on the two sides of nexusd:
//
//   node frames.cjs serialize URL FILE     registers schemas, writes one framed event a line
//   node frames.cjs deserialize URL FILE   reads what came out of Kafka, one record a line
//
// A line has fields between tabs: the event type, its content type, the value and the header
// `__value_schema_id`, these two in hexadecimal. The subject is the event type. Needs the package
// @confluentinc/schemaregistry (NODE_PATH).

const assert = require("node:assert/strict");
const fs = require("node:fs");
const registry = require("@confluentinc/schemaregistry");
const { TimestampSchema } = require("@bufbuild/protobuf/wkt");
const { create, createRegistry } = require("@bufbuild/protobuf");

const VALUE = registry.SerdeType.VALUE;
const json = { type: "object", properties: { id: { type: "string" }, total: { type: "number" } }, required: ["id"] };
const avro = { type: "record", name: "Order", fields: [{ name: "id", type: "string" }, { name: "total", type: "double" }] };

// By event type: the value, how it is written and read, the media type of its format.
const kinds = {
  "order.json": {
    mediaType: "application/json", value: { id: "7", total: 3 },
    register: (client) => client.register("order.json", { schemaType: "JSON", schema: JSON.stringify(json) }, false),
    serializer: (client, conf) => new registry.JsonSerializer(client, VALUE, { useLatestVersion: true, validate: true, ...conf }),
    deserializer: (client) => new registry.JsonDeserializer(client, VALUE, { validate: true }),
    plain: (value) => value,
  },
  "order.avro": {
    mediaType: "application/avro", value: { id: "7", total: 2.5 },
    register: (client) => client.register("order.avro", { schemaType: "AVRO", schema: JSON.stringify(avro) }, false),
    serializer: (client, conf) => new registry.AvroSerializer(client, VALUE, { useLatestVersion: true, ...conf }),
    deserializer: (client) => new registry.AvroDeserializer(client, VALUE, {}),
    plain: (value) => ({ id: value.id, total: value.total }),
  },
  // A message that the package itself carries, so that no generated code is needed here.
  "order.protobuf": {
    mediaType: "application/protobuf", value: create(TimestampSchema, { seconds: 12n, nanos: 5 }),
    register: async () => {},
    serializer: (client, conf) => new registry.ProtobufSerializer(client, VALUE, { autoRegisterSchemas: true, registry: createRegistry(TimestampSchema), ...conf }),
    deserializer: (client) => new registry.ProtobufDeserializer(client, VALUE, {}),
    plain: (value) => ({ seconds: `${value.seconds}`, nanos: value.nanos }),
  },
};

const hex = (bytes) => Buffer.from(bytes ?? []).toString("hex");

async function serialize(client, file) {
  const lines = [];
  for (const [type, kind] of Object.entries(kinds)) {
    await kind.register(client);
    const bySubject = { subjectNameStrategy: (topic) => topic };
    const framed = await kind.serializer(client, bySubject).serialize(type, kind.value);
    assert.equal(framed[0], 0, "magic byte");
    lines.push([type, `${kind.mediaType}; framing=confluent`, hex(framed), ""]);
    const headers = {};
    const inHeader = { ...bySubject, schemaIdSerializer: registry.HeaderSchemaIdSerializer };
    const bare = await kind.serializer(client, inHeader).serialize(type, kind.value, headers);
    lines.push([type, kind.mediaType, hex(bare), hex(headers.__value_schema_id)]);
  }
  fs.writeFileSync(file, lines.map((line) => line.join("\t")).join("\n"));
  return lines.length;
}

async function deserialize(client, file) {
  const lines = fs.readFileSync(file, "utf8").split("\n").filter((line) => line !== "");
  for (const line of lines) {
    const [type, , value, header] = line.split("\t");
    const kind = kinds[type];
    const headers = header === "" ? undefined : { __value_schema_id: Buffer.from(header, "hex") };
    const read = await kind.deserializer(client).deserialize("nexus.events", Buffer.from(value, "hex"), headers);
    assert.deepEqual(kind.plain(read), kind.plain(kind.value), type);
  }
  return lines.length;
}

const [mode, url, file] = process.argv.slice(2);
const client = new registry.SchemaRegistryClient({ baseURLs: [url], retryConfig: { maxRetries: 0 } });
({ serialize, deserialize })[mode](client, file).then(
  (count) => { console.log(`${count} values passed`); process.exit(0); },
  (error) => { console.error(error); process.exit(1); });
