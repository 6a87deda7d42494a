// What avsc, another implementation of Avro, makes of schemas and data.
//
//   node oracle.js <folder of avsc> <cases.json> <answers.json>
//
// Cases: [{schema, reader, data: [hex]}]. Answers, one a case: {json: [value of each datum],
// canonical, random: [{hex, value}], resolves, resolved: [value as the reader sees it]}, or
// {error} where avsc does not take the schema.
'use strict';

// Before avsc is loaded: its random values become the same on every run.
let seed = 20261126;
Math.random = () => {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return seed / 0x80000000;
};

const fs = require('fs');
const [avscFolder, casesFile, answersFile] = process.argv.slice(2);
const avsc = require(avscFolder);

function parse(schema) {
  return avsc.Type.forSchema(JSON.parse(schema), {wrapUnions: true});
}

function real(value) {
  if (Number.isFinite(value)) return value === 0 ? 0 : value;
  return String(value);
}

// The plain form that Nexus gives: unions unwrapped, bytes as base64.
function plain(type, value) {
  switch (type.typeName) {
    case 'union:wrapped': {
      if (value === null) return null;
      const name = Object.keys(value)[0];
      return plain(type.types.find((branch) => branch.branchName === name), value[name]);
    }
    case 'record': {
      const out = {};
      for (const field of type.fields) out[field.name] = plain(field.type, value[field.name]);
      return out;
    }
    case 'array':
      return value.map((item) => plain(type.itemsType, item));
    case 'map': {
      const out = {};
      for (const key of Object.keys(value)) out[key] = plain(type.valuesType, value[key]);
      return out;
    }
    case 'bytes':
    case 'fixed':
      return value.toString('base64');
    case 'float':
      // avsc keeps the digits that a promoted integer would lose in a float.
      return real(Math.fround(value));
    case 'double':
      return real(value);
    default:
      return value;
  }
}

function randomData(type) {
  const out = [];
  for (let i = 0; i < 5; ++i) {
    try {
      const value = type.random();
      const bytes = type.toBuffer(value);
      if (bytes.length < 20000) out.push({hex: bytes.toString('hex'), value: plain(type, value)});
    } catch (e) {
      // A type that holds itself can make its random value endless.
      if (!(e instanceof RangeError)) throw e;
    }
  }
  return out;
}

function answer({schema, reader, data}) {
  let type;
  let readerType;
  try {
    type = parse(schema);
    readerType = parse(reader);
  } catch (e) {
    return {error: e.message};
  }
  const buffers = data.map((hex) => Buffer.from(hex, 'hex'));
  const out = {
    json: buffers.map((bytes) => plain(type, type.fromBuffer(bytes))),
    canonical: JSON.stringify(type.schema()),
    random: randomData(type),
    resolves: false,
    resolved: [],
  };
  let resolver;
  try {
    resolver = readerType.createResolver(type);
  } catch (e) {
    out.reason = e.message;
    return out;
  }
  out.resolves = true;
  out.resolved =
      buffers.map((bytes) => plain(readerType, readerType.fromBuffer(bytes, resolver)));
  return out;
}

const cases = JSON.parse(fs.readFileSync(casesFile, 'utf8'));
fs.writeFileSync(answersFile, JSON.stringify(cases.map(answer)));
