#!/usr/bin/env python3
"""Writes the first inputs of the fuzz targets: tests/fuzz/make_seeds.py

Takes them from what the tests and benchmarks have anyway: the tables of changes and the schemas of
bench/schema/corpus. Run it again after those have changed; what fuzzing added to corpus/ stays.
"""
import base64
import hashlib
import json
import pathlib
import struct

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SEPARATOR = b"\f"
# Of each table every so many: a seed for each shape of change, not for each row.
STEP = 4


def write(target, name, *parts):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    data = SEPARATOR.join(p if isinstance(p, bytes) else p.encode() for p in parts)
    (folder / f"seed-{name}").write_bytes(data)


def changes(format, verdicts):
    """(name, before, after) of each row."""
    file = ROOT / "tests/schema" / format / "compat/changes.txt"
    lines = [l for l in file.read_text().split("\n") if l and not l.startswith("#")]
    for i in range(0, len(lines), 3 + verdicts):
        yield lines[i], lines[i + 1], lines[i + 2]


def minified(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def json_seeds():
    for file in sorted((ROOT / "bench/schema/corpus").glob("*.json")):
        case = json.loads(file.read_text())
        schema = minified(case["schema"])
        if len(schema) > 2500:
            continue
        write("json_schema", file.stem, schema)
        for i, document in enumerate(case["valid"][:1] + case["invalid"][:1]):
            write("json_validate", f"{file.stem}-{i}", schema, minified(document))
    for i, (name, before, after) in enumerate(changes("json", 3)):
        if i % STEP == 0:
            write("json_compare", name, before, after, '{"a":"x","b":1}')
            write("json_schema", name, after)
    extra = {
        "dynamic": '{"$dynamicAnchor":"n","properties":{"c":{"$dynamicRef":"#n"}},'
        '"unevaluatedProperties":false}',
        "draft4": '{"$schema":"http://json-schema.org/draft-04/schema#","id":"http://x/y",'
        '"minimum":1,"exclusiveMinimum":true,"definitions":{"a":{"id":"#a"}},'
        '"allOf":[{"$ref":"#a"}]}',
        "draft2019": '{"$schema":"https://json-schema.org/draft/2019-09/schema",'
        '"$recursiveAnchor":true,"items":{"$recursiveRef":"#"},"unevaluatedItems":false}',
        "formats": '{"items":[{"format":"date-time"},{"format":"uri"},{"format":"ipv6"},'
        '{"format":"email"},{"format":"duration"},{"format":"json-pointer"}],'
        '"$schema":"http://json-schema.org/draft-07/schema#"}',
        "tuple": '{"prefixItems":[{"type":"integer"}],"items":{"multipleOf":0.1},'
        '"contains":{"const":1.0},"minContains":0,"uniqueItems":true}',
        "conditions": '{"if":{"required":["a"]},"then":{"not":{"required":["b"]}},'
        '"dependentSchemas":{"b":{"propertyNames":{"pattern":"^[a-c]$"}}}}',
        "switch": '{"oneOf":[{"properties":{"t":{"const":"a"}},"required":["t"]},'
        '{"properties":{"t":{"enum":["b","c"]}},"required":["t"]}]}',
    }
    documents = ['{"t":"a","c":{"c":{}}}', "[1.0,1,1e2,-0.0,18446744073709551615]",
                 '["2026-01-01T00:00:00Z","http://a/b","::1","a@b","P1D","/a~1"]']
    for name, schema in extra.items():
        write("json_schema", name, schema)
        for i, document in enumerate(documents):
            write("json_validate", f"{name}-{i}", schema, document)
        write("json_compare", name, schema, schema, documents[0])


def avro_seeds():
    data = b"\x02\x04ab\x00"
    for i, (name, before, after) in enumerate(changes("avro", 2)):
        if i % STEP == 0 or "record" in before:
            write("avro_compare", name, before, after, data)
            write("avro_schema", name, after)
            write("avro_datum", name, after, data)
    whole = (
        '{"type":"record","name":"a.R","fields":[{"name":"i","type":"int"},'
        '{"name":"u","type":["null","string","a.R"],"default":null},'
        '{"name":"m","type":{"type":"map","values":"long"}},'
        '{"name":"l","type":{"type":"array","items":"double"}},'
        '{"name":"e","type":{"type":"enum","name":"E","symbols":["A","B"],"default":"A"}},'
        '{"name":"f","type":{"type":"fixed","name":"F","size":2}},'
        '{"name":"d","type":{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}}]}'
    )
    datum = (b"\x02" b"\x00" b"\x02\x02k\x04\x00" b"\x02" + struct.pack("<d", 1.5)
             + b"\x00" b"\x02" b"ab" b"\x02\x01")
    write("avro_schema", "whole", whole)
    write("avro_datum", "whole", whole, datum)
    write("avro_compare", "whole", whole, whole, datum)


def proto_text(text):
    body = text[2:]
    if "package " not in body:
        body = "package p; " + body
    return f'syntax = "proto{text[0]}"; {body}'


def protobuf_seeds():
    data = b"\x08\x01\x12\x02ab"
    for i, (name, before, after) in enumerate(changes("protobuf", 3)):
        if i % STEP == 0:
            write("protobuf_compare", name, proto_text(before), proto_text(after), data)
            write("protobuf_schema", name, proto_text(after))
            write("protobuf_wire", name, proto_text(after), data)
    whole = (
        'syntax = "proto2"; package p; message M { required int32 a = 1 [default = 3]; '
        "repeated sint64 b = 2 [packed = true]; oneof c { string d = 3; M e = 4; } "
        "map<string, M> m = 5; optional group G = 6 { optional fixed32 x = 1; } "
        "enum E { Z = 0; Y = 1; } optional E f = 7; extensions 100 to 200; reserved 50; } "
        "extend M { optional bytes g = 100; } service S { rpc R(M) returns (M); }"
    )
    message = (b"\x08\x03" b"\x12\x02\x01\x02" b"\x1a\x01x" b"\x2a\x07\x0a\x01k\x12\x02\x08\x01"
               b"\x33\x0d\x01\x00\x00\x00\x34" b"\x38\x01" b"\xa2\x06\x01z")
    write("protobuf_schema", "whole", whole)
    write("protobuf_wire", "whole", whole, message)
    write("protobuf_compare", "whole", whole, whole, message)
    # FileDescriptorProto {name: "f", message_type {name: "M", field {name: "a", number: 1, ...}}}
    field = b"\x0a\x01a\x18\x01\x20\x01\x28\x05"
    message_type = b"\x0a\x01M\x12" + bytes([len(field)]) + field
    descriptor = b"\x0a\x01f\x22" + bytes([len(message_type)]) + message_type + b"\x62\x06proto3"
    write("protobuf_schema", "descriptor", base64.b64encode(descriptor))


def frame_seeds():
    write("frame", "id", b"\x00\x00\x00\x00\x07{}")
    write("frame", "id-first-message", b"\x00\x00\x00\x00\x07\x00\x08\x01")
    write("frame", "id-indexes", b"\x00\x00\x00\x00\x07\x04\x02\x00\x08\x01")
    write("frame", "guid", b"\x01" + bytes(range(16)) + b"{}")
    write("frame", "guid-indexes", b"\x01" + bytes(range(16)) + b"\x02\xfe\xff\xff\xff\x0f")
    write("frame", "cut", b"\x00\x00")


def field(number, value):
    """A field of the wire with one byte of tag and of length."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    value = value if isinstance(value, bytes) else value.encode()
    return bytes([number << 3 | 2, len(value)]) + value


def append_seeds():
    event = (field(1, "018f0000-0000-7000-8000-000000000001") + field(2, "order.placed")
             + field(3, 1) + field(4, "application/json") + field(5, '{"a":1}') + field(6, "k:v")
             + field(7, field(1, "key") + field(2, "value"))
             + field(8, field(1, 3) + b"\x11" + struct.pack("<d", 0.5) + field(3, 1) + field(4, 9))
             + field(9, "correlation") + field(10, "causation"))
    trace = field(11, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01") + field(12, "a=b")
    # Of more than 127 bytes, so with a length of two.
    whole = event + trace
    whole = b"\x1a" + bytes([len(whole) & 0x7F | 0x80, len(whole) >> 7]) + whole
    stream = field(1, "order-1") + field(2, field(1, b"")) + whole
    stream = b"\x12" + bytes([len(stream) & 0x7F | 0x80, len(stream) >> 7]) + stream
    small = field(2, "order.placed") + field(5, "{}")
    condition = field(1, field(1, field(1, "order.paid") + field(5, "k:v"))) + field(2, 0)
    write("append_request", "whole", stream)
    write("append_request", "small", field(2, field(1, "a-1") + field(2, field(4, 7)) + field(3, small)))
    write("append_request", "condition", field(1, "018f0000-0000-7000-8000-000000000002")
          + field(2, field(1, "a") + field(2, field(2, b"")) + field(3, small)) + field(3, condition))
    write("append_request", "two-streams", field(2, field(1, "a-1") + field(2, field(3, b"")))
          + field(2, field(1, "b-1") + field(2, field(1, b"")) + field(3, small)))
    write("append_request", "nothing", b"")


def model_seeds():
    """Models in canonical form, with the digest that they need."""
    origin = '{"labels":"file","events":9,"critical":4,"held_out":3,"l2":1}'
    bodies = {
        "empty": ("0", "0", "{}", "{}", "{}"),
        "types": ("-1.5", "0.000001", '{"order.paid":3.25,"page/viewed":-2}', "{}", "{}"),
        "categories": ("2", "-0.125", "{}", '{"order":1000,"web":-1000}', "{}"),
        "metadata": ("0.5", "1", "{}", "{}", '{"region":{"present":0.1,"values":{"eu":1,"us":-1}}}'),
        "names": ("1", "0", '{"a\\"b":1,"\u00e9":2}', "{}", '{"tier":{"present":0,"values":{}}}'),
    }
    for name, (intercept, size, types, categories, metadata) in bodies.items():
        text = (f'{{"format":1,"intercept":{intercept},"size":{size},"types":{types},'
                f'"categories":{categories},"metadata":{metadata},"origin":{origin}}}')
        digest = hashlib.sha256(text.encode()).hexdigest()
        write("criticality_model", name, text[:-1] + f',"digest":"{digest}"}}', '{"total":5}')


def transform_seeds():
    order = '{"id":"o-1","total":12.50,"items":[{"sku":"x","p":1},{"sku":"y"}],"card":{"n":"4111"}}'
    for name, transform in {
        "drop": '{"drop":["/card","/items/*/p"]}',
        "pick": '{"pick":["/id","/items/*/sku"],"require":["/id"]}',
        "mask": '{"mask":{"/card/n":"****","/a~1b":"-"}}',
        "hash": '{"hash":{"fields":["/id"],"secret":"s"}}',
        "rename": '{"rename":{"/id":"order"},"attributes":{"tenant":"eu"},"drop":["/0"]}',
        "all": '{"require":["/card"],"pick":["/card","/*"],"drop":["/total"],"mask":{"/items":"?"},'
               '"schema":{"type":"x","version":1}}',
    }.items():
        write("transform", name, transform, order)


if __name__ == "__main__":
    json_seeds()
    avro_seeds()
    protobuf_seeds()
    frame_seeds()
    append_seeds()
    model_seeds()
    transform_seeds()
