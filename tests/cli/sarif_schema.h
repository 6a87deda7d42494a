#pragma once

// SARIF 2.1.0 as a JSON Schema, as far as our reports use it.

namespace nexus::cli {

// What the standard requires of a log with results, and what we promise beyond it.
inline constexpr char kSarifSubset[] = R"({
  "type": "object", "required": ["version", "runs"],
  "properties": {
    "$schema": {"type": "string", "pattern": "sarif-schema-2.1.0.json$"},
    "version": {"const": "2.1.0"},
    "runs": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/run"}}},
  "additionalProperties": false,
  "$defs": {
    "message": {"type": "object", "required": ["text"],
      "properties": {"text": {"type": "string", "minLength": 1}}, "additionalProperties": false},
    "level": {"enum": ["none", "note", "warning", "error"]},
    "run": {"type": "object", "required": ["tool", "results"],
      "properties": {
        "tool": {"type": "object", "required": ["driver"],
          "properties": {"driver": {"type": "object", "required": ["name", "version", "rules"],
            "properties": {
              "name": {"const": "nexusctl"}, "version": {"type": "string", "minLength": 1},
              "rules": {"type": "array", "uniqueItems": true, "items": {
                "type": "object", "required": ["id"],
                "properties": {"id": {"type": "string", "minLength": 1},
                  "shortDescription": {"$ref": "#/$defs/message"},
                  "help": {"$ref": "#/$defs/message"},
                  "defaultConfiguration": {"type": "object",
                    "properties": {"level": {"$ref": "#/$defs/level"}},
                    "additionalProperties": false}},
                "additionalProperties": false}}},
            "additionalProperties": false}},
          "additionalProperties": false},
        "automationDetails": {"type": "object", "properties": {"id": {"type": "string"}},
          "additionalProperties": false},
        "results": {"type": "array", "items": {"$ref": "#/$defs/result"}}},
      "additionalProperties": false},
    "result": {"type": "object",
      "required": ["ruleId", "ruleIndex", "level", "message", "locations"],
      "properties": {
        "ruleId": {"type": "string", "minLength": 1},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": {"$ref": "#/$defs/level"}, "message": {"$ref": "#/$defs/message"},
        "properties": {"type": "object"},
        "locations": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/location"}}},
      "additionalProperties": false},
    "location": {"type": "object", "required": ["physicalLocation"],
      "properties": {
        "physicalLocation": {"type": "object", "required": ["artifactLocation", "region"],
          "properties": {
            "artifactLocation": {"type": "object", "required": ["uri"],
              "properties": {"uri": {"type": "string", "pattern": "^[!-~]+$",
                "not": {"pattern": "[\"<>\\\\^`{|}]"}}}, "additionalProperties": false},
            "region": {"type": "object", "required": ["startLine"],
              "properties": {"startLine": {"type": "integer", "minimum": 1}},
              "additionalProperties": false}},
          "additionalProperties": false},
        "logicalLocations": {"type": "array", "minItems": 1, "items": {"type": "object",
          "required": ["fullyQualifiedName"],
          "properties": {"fullyQualifiedName": {"type": "string", "minLength": 1}},
          "additionalProperties": false}}},
      "additionalProperties": false}}
})";

}  // namespace nexus::cli
