// Made-up schemas and data: what is valid, what is not, and what "compatible" promises.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <functional>
#include <memory>
#include <string>

#include "schema/avro/compat/compare.h"
#include "schema/avro/datum_check.h"
#include "schema/avro/datum_maker.h"
#include "schema/avro/datum_resolver.h"
#include "schema/avro/schema_parser.h"
#include "schema/json/json_document.h"

namespace nexus::schema {
namespace {

bool IsValid(const CompiledAvroSchema& schema, absl::string_view data) {
  const auto violations = schema.Validate(data, 1);
  return violations.ok() && violations->empty();
}

std::shared_ptr<const AvroSchema> Parsed(const std::string& text) {
  auto schema = ParseAvroSchema(text, {});
  return schema.ok() ? *std::move(schema) : nullptr;
}

void Check(const char* what, const std::function<void(uint32_t seed)>& property) {
  EXPECT_TRUE(rc::check(what, [&] { property(*rc::gen::arbitrary<uint32_t>()); }));
}

TEST(AvroProperty, EveryDatumOfASchemaIsValidAndReadableAsJson) {
  Check("valid", [](uint32_t seed) {
    DatumMaker maker(seed);
    const auto schema = CompiledAvro(maker.Schema(false).first);
    RC_ASSERT(schema != nullptr);
    for (int i = 0; i < 20; ++i) {
      const std::string datum = maker.Datum(*schema->schema().root);
      RC_ASSERT(IsValid(*schema, datum));
      const auto json = schema->ToJson(datum);
      RC_ASSERT(json.ok());
      RC_ASSERT(JsonDocument::Parse(*json, 64).ok());
    }
  });
}

TEST(AvroProperty, NothingIsLeftOutAndNothingIsAdded) {
  Check("exact", [](uint32_t seed) {
    DatumMaker maker(seed);
    const auto schema = CompiledAvro(maker.Schema(false).first);
    RC_ASSERT(schema != nullptr);
    for (int i = 0; i < 5; ++i) {
      const std::string datum = maker.Datum(*schema->schema().root);
      for (size_t size = 0; size < datum.size(); ++size) {
        RC_ASSERT(!IsValid(*schema, absl::string_view(datum).substr(0, size)));
      }
      RC_ASSERT(!IsValid(*schema, datum + '\0'));
    }
  });
}

TEST(AvroProperty, DamagedDataAreJudgedAlikeByEveryReader) {
  Check("damaged", [](uint32_t seed) {
    DatumMaker maker(seed);
    const std::string text = maker.Schema(false).first;
    const auto schema = CompiledAvro(text);
    const auto parsed = Parsed(text);
    RC_ASSERT(parsed != nullptr);
    const auto resolver = DatumResolver::Make(parsed, parsed);
    RC_ASSERT(resolver.ok());
    for (int i = 0; i < 10; ++i) {
      std::string datum = maker.Datum(*parsed->root);
      for (int damage = 0; damage < 20 && !datum.empty(); ++damage) {
        const uint32_t at = maker.Up(static_cast<uint32_t>(datum.size()));
        datum[at] =
            static_cast<char>(maker.Up(2) == 0 ? datum[at] ^ (1 << maker.Up(8)) : maker.Up(256));
        const bool valid = IsValid(*schema, datum);
        RC_ASSERT(valid == schema->ToJson(datum).ok());
        RC_ASSERT(valid == (*resolver)->Convert(datum).ok());
      }
    }
  });
}

TEST(AvroProperty, ResolvingToTheSameSchemaChangesNoValue) {
  Check("identity", [](uint32_t seed) {
    DatumMaker maker(seed);
    const auto parsed = Parsed(maker.Schema(false).first);
    RC_ASSERT(parsed != nullptr);
    const auto resolver = DatumResolver::Make(parsed, parsed);
    const auto schema = CompiledAvroSchema(parsed, {});
    for (int i = 0; i < 10; ++i) {
      const std::string datum = maker.Datum(*parsed->root);
      const auto converted = (*resolver)->Convert(datum);
      RC_ASSERT(converted.ok());
      RC_ASSERT(*schema.ToJson(*converted) == *schema.ToJson(datum));
    }
  });
}

TEST(AvroProperty, CompatibleMeansThatEveryEarlierDatumIsReadable) {
  int edited_and_compatible = 0;
  int refused = 0;
  Check("sound", [&](uint32_t seed) {
    DatumMaker maker(seed);
    for (int i = 0; i < 20; ++i) {
      const auto [before, after] = maker.Schema(true);
      const auto writer = Parsed(before);
      const auto reader = Parsed(after);
      if (writer == nullptr || reader == nullptr) continue;
      const bool compatible =
          JudgeAvro({before, after},
                    {CompatibilityMode::kBackward, CompatibilityPolicy::kStrict, {}})
              .compatible();
      const bool allowed =
          JudgeAvro({before, after},
                    {CompatibilityMode::kBackward, CompatibilityPolicy::kNexus, {}})
              .compatible();
      RC_ASSERT(compatible || !allowed);
      edited_and_compatible += before != after && compatible ? 1 : 0;
      refused += compatible ? 0 : 1;
      if (!compatible) continue;
      const auto resolver = DatumResolver::Make(writer, reader);
      const CompiledAvroSchema target(reader, {});
      for (int j = 0; j < 10; ++j) {
        const auto converted = (*resolver)->Convert(maker.Datum(*writer->root));
        RC_ASSERT(converted.ok());
        RC_ASSERT(IsValid(target, *converted));
      }
    }
  });
  EXPECT_GT(edited_and_compatible, 30);
  EXPECT_GT(refused, 30);
}

// A finding is no mere possibility either: some datum cannot be read, or a default is missing.
TEST(AvroProperty, WhatCannotBeConvertedWasFound) {
  Check("complete", [](uint32_t seed) {
    DatumMaker maker(seed);
    for (int i = 0; i < 20; ++i) {
      const auto [before, after] = maker.Schema(true);
      const auto writer = Parsed(before);
      const auto reader = Parsed(after);
      if (writer == nullptr || reader == nullptr) continue;
      const auto resolver = DatumResolver::Make(writer, reader);
      bool all = true;
      for (int j = 0; j < 10; ++j) {
        all = (*resolver)->Convert(maker.Datum(*writer->root)).ok() && all;
      }
      if (all) continue;
      RC_ASSERT(!JudgeAvro({before, after},
                           {CompatibilityMode::kBackward, CompatibilityPolicy::kLenient, {}})
                     .compatible());
    }
  });
}

TEST(AvroProperty, CanonicalTextsMeanTheSame) {
  Check("canonical", [](uint32_t seed) {
    DatumMaker maker(seed);
    const std::string text = maker.Schema(false).first;
    const auto schema = Parsed(text);
    RC_ASSERT(schema != nullptr);
    const auto canonical = AvroSchemaValidator().Canonical(text);
    RC_ASSERT(canonical.ok());
    RC_ASSERT(*AvroSchemaValidator().Canonical(*canonical) == *canonical);
    const auto again = Parsed(*canonical);
    RC_ASSERT(again != nullptr);
    RC_ASSERT(again->parsing_canonical_form == schema->parsing_canonical_form);
    const auto form = Parsed(schema->parsing_canonical_form);
    RC_ASSERT(form != nullptr);
    RC_ASSERT(form->fingerprint == schema->fingerprint);
  });
}

}  // namespace
}  // namespace nexus::schema
