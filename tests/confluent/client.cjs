// The official client and its serdes against nexusd: node client.cjs URL. Needs the package
// @confluentinc/schemaregistry (NODE_PATH). Prints the number of checks; ends with 1 at the first
// that fails.

const assert = require("node:assert/strict");
const registry = require("@confluentinc/schemaregistry");

let checks = 0;
function check(actual, expected, what) {
  assert.deepEqual(actual, expected, what);
  ++checks;
}

async function fails(promise, code, what) {
  try {
    await promise;
  } catch (error) {
    check(error.errorCode, code, `${what}: ${error.message}`);
    return;
  }
  assert.fail(`${what} did not fail`);
}

const order = {
  type: "object",
  properties: { id: { type: "string" }, total: { type: "number", minimum: 0 } },
  required: ["id"],
};

async function subjects(client) {
  const info = { schemaType: "JSON", schema: JSON.stringify(order) };
  const full = await client.registerFullResponse("subjects-value", info, false);
  check(full.version, 1, "version");
  check((await client.getBySubjectAndId("subjects-value", full.id)).schema, info.schema, "by id");
  check((await client.getByGuid(full.guid)).schema, info.schema, "by guid");
  check(await client.getId("subjects-value", info, false), full.id, "id of content");
  check(await client.getVersion("subjects-value", info, false, false), 1, "version of content");
  const next = { ...order, properties: { ...order.properties, note: { type: "string", default: "" } } };
  check(await client.testCompatibility("subjects-value", 1, { schemaType: "JSON", schema: JSON.stringify(next) }), true, "compatible");
  const broken = { ...order, required: ["id", "total"] };
  check(await client.testSubjectCompatibility("subjects-value", { schemaType: "JSON", schema: JSON.stringify(broken) }), false, "incompatible");
  await fails(client.register("subjects-value", { schemaType: "JSON", schema: JSON.stringify(broken) }, false), 40901, "a breaking version");
  await client.register("subjects-value", { schemaType: "JSON", schema: JSON.stringify(next) }, false);
  client.clearCaches();
  check(await client.getAllVersions("subjects-value"), [1, 2], "versions");
  check((await client.getLatestSchemaMetadata("subjects-value")).version, 2, "latest");
  check((await client.getSchemaMetadata("subjects-value", 1, false)).version, 1, "metadata");
  check((await client.getAllSubjects()).includes("subjects-value"), true, "subjects");
  check(await client.deleteSubjectVersion("subjects-value", 2, false), 2, "delete a version");
  check(await client.deleteSubject("subjects-value", false), [1], "delete a subject");
  client.clearCaches();
  await fails(client.getAllVersions("subjects-value"), 40401, "a deleted subject");
}

async function settings(client) {
  check(await client.getDefaultCompatibility(), "BACKWARD", "global compatibility");
  check(await client.updateCompatibility("settings-value", "FULL"), "FULL", "set compatibility");
  check(await client.getCompatibility("settings-value"), "FULL", "compatibility");
  await fails(client.getCompatibility("other-value"), 40408, "compatibility of another");
}

async function metadata(client) {
  const info = {
    schemaType: "JSON", schema: JSON.stringify(order),
    metadata: { properties: { owner: "billing" }, tags: { "$.id": ["PII"] }, sensitive: ["owner"] },
    ruleSet: { domainRules: [{ name: "r", kind: "CONDITION", type: "CEL", mode: "WRITE", expr: "true" }] },
  };
  const full = await client.registerFullResponse("metadata-value", info, false);
  client.clearCaches();
  const found = await client.getLatestWithMetadata("metadata-value", { owner: "billing" }, false);
  check(found.id, full.id, "by metadata");
  check(found.metadata.tags, info.metadata.tags, "tags");
  check(found.ruleSet.domainRules[0].name, "r", "rules");
}

async function jsonSerde(client) {
  const topic = "json-serde";
  await client.register(`${topic}-value`, { schemaType: "JSON", schema: JSON.stringify(order) }, false);
  const serializer = new registry.JsonSerializer(client, registry.SerdeType.VALUE, { useLatestVersion: true, validate: true });
  const bytes = await serializer.serialize(topic, { id: "7", total: 3 });
  check(bytes[0], 0, "magic byte");
  const deserializer = new registry.JsonDeserializer(client, registry.SerdeType.VALUE, { validate: true });
  check(await deserializer.deserialize(topic, bytes), { id: "7", total: 3 }, "there and back");
  await assert.rejects(serializer.serialize(topic, { total: -1 }));
  ++checks;
}

async function jsonReferences(client) {
  const address = { $id: "address.json", type: "object", properties: { city: { type: "string" } }, required: ["city"] };
  await client.register("address", { schemaType: "JSON", schema: JSON.stringify(address) }, false);
  const person = { type: "object", properties: { home: { $ref: "address.json" } } };
  const info = {
    schemaType: "JSON", schema: JSON.stringify(person),
    references: [{ name: "address.json", subject: "address", version: 1 }],
  };
  const full = await client.registerFullResponse("person-value", info, false);
  check(full.references, info.references, "references");
  const serializer = new registry.JsonSerializer(client, registry.SerdeType.VALUE, { useLatestVersion: true, validate: true });
  const bytes = await serializer.serialize("person", { home: { city: "Rome" } });
  const deserializer = new registry.JsonDeserializer(client, registry.SerdeType.VALUE, { validate: true });
  check(await deserializer.deserialize("person", bytes), { home: { city: "Rome" } }, "with a reference");
  await fails(client.deleteSubjectVersion("address", 1, false), 42206, "what is referred to");
}

async function avroSerde(client) {
  const topic = "avro-serde";
  const schema = { type: "record", name: "Order", fields: [{ name: "id", type: "string" }, { name: "total", type: "double", default: 0 }] };
  await client.register(`${topic}-value`, { schemaType: "AVRO", schema: JSON.stringify(schema) }, false);
  const serializer = new registry.AvroSerializer(client, registry.SerdeType.VALUE, { useLatestVersion: true });
  const bytes = await serializer.serialize(topic, { id: "7", total: 2.5 });
  const deserializer = new registry.AvroDeserializer(client, registry.SerdeType.VALUE, {});
  const value = await deserializer.deserialize(topic, bytes);
  check({ id: value.id, total: value.total }, { id: "7", total: 2.5 }, "Avro there and back");
  const without = { ...schema, fields: [...schema.fields, { name: "note", type: "string" }] };
  check(await client.testSubjectCompatibility(`${topic}-value`, { schema: JSON.stringify(without) }), false, "a field without a default");
}

async function protobufSerde(client) {
  // A message that the package itself carries, so that no generated code is needed here.
  const { TimestampSchema } = require("@bufbuild/protobuf/wkt");
  const { create, createRegistry } = require("@bufbuild/protobuf");
  const serializer = new registry.ProtobufSerializer(client, registry.SerdeType.VALUE, { autoRegisterSchemas: true, registry: createRegistry(TimestampSchema) });
  const bytes = await serializer.serialize("protobuf-serde", create(TimestampSchema, { seconds: 12n, nanos: 5 }));
  const deserializer = new registry.ProtobufDeserializer(client, registry.SerdeType.VALUE, {});
  const value = await deserializer.deserialize("protobuf-serde", bytes);
  check([value.seconds, value.nanos], [12n, 5], "Protobuf there and back");
}

async function main() {
  const client = new registry.SchemaRegistryClient({ baseURLs: [process.argv[2]], retryConfig: { maxRetries: 0 } });
  const parts = { subjects, settings, metadata, jsonSerde, jsonReferences, avroSerde, protobufSerde };
  for (const [name, part] of Object.entries(parts)) {
    try {
      await part(client);
    } catch (error) {
      error.message = `${name}: ${error.message}`;
      throw error;
    }
  }
  console.log(`${checks} checks passed`);
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
