// What happens to versions over their life: ids, references, deletion, modes, imports; and that a
// server that reads the stream again knows the same.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "digest/sha256.h"
#include "schema/registry_server.h"
#include "schema/schema_content.h"

namespace nexus::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kObject[] = R"({"type":"object"})";
constexpr char kNumber[] = R"({"type":"number"})";
constexpr char kTitled[] = R"({"type":"number","title":"n"})";

class Lifecycle : public ::testing::Test {
 protected:
  absl::StatusOr<std::vector<uint32_t>> Delete(Server& server, const std::string& subject,
                                               uint32_t version, bool permanent = false) {
    return server.Await<std::vector<uint32_t>>([&](auto done) {
      server.registry.Delete({subject, version, permanent, "why", {"alice", "", "", 0}},
                             std::move(done));
    });
  }
  absl::StatusOr<ModeSettings> SetMode(Server& server, const std::string& subject,
                                       RegistryMode mode, bool force = false) {
    ModeSettings settings;
    settings.subject = subject;
    settings.mode = mode;
    return server.Await<ModeSettings>([&](auto done) {
      server.registry.UpdateMode(settings, force, {"alice", "", "", 0}, std::move(done));
    });
  }
  absl::StatusOr<SchemaRecordPtr> Lookup(Server& server, const std::string& subject,
                                         const std::string& definition, bool deleted_too = false) {
    return server.Await<SchemaRecordPtr>([&](auto done) {
      server.registry.Lookup({subject, definition, "", {}}, deleted_too, std::move(done));
    });
  }
  ErrorReason ReasonOfDelete(Server& server, const std::string& subject, uint32_t version,
                             bool permanent = false) {
    return ReasonOf(Delete(server, subject, version, permanent).status());
  }
  // Of a server that has only the log.
  template <typename Check>
  void AlsoAfterRestart(const Server& now, Check check) {
    check(now.registry.catalog());
    Server again(log_);
    const absl::Status loaded = again.registry.Load();
    ASSERT_TRUE(loaded.ok()) << loaded;
    check(again.registry.catalog());
  }

  fake::FaultyLog log_;
};

TEST_F(Lifecycle, TheSameContentHasOneIdInEverySubject) {
  Server server(log_);
  EXPECT_EQ((*server.Register("a", kObject))->id, 1u);
  EXPECT_EQ((*server.Register("b", kNumber))->id, 2u);
  EXPECT_EQ((*server.Register("c", R"( {"type" : "object"} )"))->id, 1u);
  AlsoAfterRestart(server, [](const SchemaCatalog& catalog) {
    std::vector<std::string> subjects;
    for (const SchemaRecordPtr& record : catalog.WithId(1)) subjects.push_back(record->subject);
    EXPECT_THAT(subjects, ElementsAre("a", "c"));
    EXPECT_EQ(catalog.IdOfGuid(GuidOf(catalog.Find("c", 0)->digest)), 1u);
    EXPECT_EQ(catalog.NextId(), 3u);
  });
}

TEST_F(Lifecycle, MetadataIsContent) {
  Server server(log_);
  RegisterRequest request{"a", kObject, "", {}};
  ASSERT_TRUE(server.Register(request).ok());
  request.metadata = R"({ "tags": {"**.email": ["PII"]} })";
  const auto tagged = server.Register(request);
  ASSERT_TRUE(tagged.ok()) << tagged.status();
  EXPECT_EQ((*tagged)->version, 2u);
  EXPECT_EQ((*tagged)->id, 2u);
  EXPECT_EQ((*tagged)->metadata, R"({"tags":{"**.email":["PII"]}})");
  request.metadata = "[1]";
  EXPECT_EQ(ReasonOf(server.Register(request).status()), ErrorReason::kMalformedRequest);
  AlsoAfterRestart(server, [&](const SchemaCatalog& catalog) {
    EXPECT_EQ(catalog.Find("a", 2)->metadata, (*tagged)->metadata);
    EXPECT_EQ(catalog.Find("a", 2)->digest, (*tagged)->digest);
  });
}

TEST_F(Lifecycle, AReferenceMustLeadToALiveVersion) {
  Server server(log_);
  RegisterRequest request{"a", kObject, "", {}};
  request.references = {{"other.json", "b", 1}};
  const absl::Status missing = server.Register(request).status();
  EXPECT_EQ(ReasonOf(missing), ErrorReason::kSchemaInvalid);
  EXPECT_THAT(std::string(missing.message()), HasSubstr("b version 1"));
  request.references = {{"x", "b", 0}, {"x", "c", 0}};
  EXPECT_EQ(ReasonOf(server.Register(request).status()), ErrorReason::kMalformedRequest);
  request.references = {{"", "b", 0}};
  EXPECT_EQ(ReasonOf(server.Register(request).status()), ErrorReason::kMalformedRequest);
}

TEST_F(Lifecycle, ADeletedVersionIsHiddenAndItsNumberIsNotGivenAgain) {
  Server server(log_);
  ASSERT_TRUE(server.Register("a", kNumber).ok());
  ASSERT_TRUE(server.Register("a", kTitled).ok());
  const auto versions = Delete(server, "a", 2);
  ASSERT_TRUE(versions.ok()) << versions.status();
  EXPECT_THAT(*versions, ElementsAre(2u));
  AlsoAfterRestart(server, [](const SchemaCatalog& catalog) {
    EXPECT_EQ(catalog.Find("a", 0)->version, 1u);
    EXPECT_EQ(catalog.Find("a", 2), nullptr);
    EXPECT_EQ(catalog.FindStored("a", 2)->state, SchemaState::kDeleted);
    EXPECT_EQ(catalog.List({}).records.size(), 1u);
    SchemaQuery query;
    query.deleted = Deleted::kOnly;
    ASSERT_EQ(catalog.List(query).records.size(), 1u);
    EXPECT_EQ(catalog.List(query).records[0]->version, 2u);
    EXPECT_EQ(catalog.WithId(2).size(), 1u);  // its id still leads to it
  });
  EXPECT_EQ(ReasonOf(Lookup(server, "a", kTitled).status()), ErrorReason::kNotFound);
  EXPECT_EQ((*Lookup(server, "a", kTitled, true))->version, 2u);
  const auto again = server.Register("a", kTitled);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ((*again)->version, 3u);
  EXPECT_EQ((*again)->id, 2u);
}

TEST_F(Lifecycle, PermanentDeletionNeedsTheOtherBefore) {
  Server server(log_);
  ASSERT_TRUE(server.Register("a", kNumber).ok());
  EXPECT_EQ(ReasonOfDelete(server, "a", 1, true), ErrorReason::kSchemaNotDeleted);
  EXPECT_EQ(ReasonOfDelete(server, "a", 2), ErrorReason::kNotFound);
  EXPECT_EQ(ReasonOfDelete(server, "b", 0), ErrorReason::kNotFound);
  ASSERT_TRUE(Delete(server, "a", 0).ok());
  EXPECT_EQ(ReasonOfDelete(server, "a", 0), ErrorReason::kNotFound);
  ASSERT_TRUE(Delete(server, "a", 0, true).ok());
  EXPECT_EQ(ReasonOfDelete(server, "a", 0, true), ErrorReason::kNotFound);
  AlsoAfterRestart(server, [](const SchemaCatalog& catalog) {
    EXPECT_TRUE(catalog.WithId(1).empty());
    SchemaQuery query;
    query.deleted = Deleted::kIncluded;
    EXPECT_TRUE(catalog.List(query).records.empty());
    EXPECT_EQ(catalog.FindStored("a", 1)->definition, kNumber);  // for stored events
    EXPECT_EQ(catalog.HighestVersion("a"), 1u);
  });
  EXPECT_EQ((*server.Register("a", kNumber))->version, 2u);
}

TEST_F(Lifecycle, DeletedVersionsAreNotJudgedAgainst) {
  Server server(log_);
  ASSERT_TRUE(server.Register("a", kNumber).ok());
  EXPECT_EQ(ReasonFor(server, "a", R"({"type":"string"})"), ErrorReason::kSchemaIncompatible);
  ASSERT_TRUE(Delete(server, "a", 0).ok());
  EXPECT_TRUE(server.Register("a", R"({"type":"string"})").ok());
}

TEST_F(Lifecycle, AReadOnlySubjectTakesNothingNew) {
  Server server(log_);
  ASSERT_TRUE(server.Register("a", kNumber).ok());
  ASSERT_TRUE(SetMode(server, "a", RegistryMode::kReadOnly).ok());
  EXPECT_EQ(ReasonFor(server, "a", kTitled), ErrorReason::kRegistryReadOnly);
  EXPECT_EQ(ReasonOfDelete(server, "a", 1), ErrorReason::kRegistryReadOnly);
  EXPECT_TRUE(server.Register("a", kNumber).ok());  // is there already
  EXPECT_TRUE(server.Register("b", "true").ok());
  ASSERT_TRUE(SetMode(server, "a", RegistryMode::kReadWrite).ok());
  ASSERT_TRUE(SetMode(server, "", RegistryMode::kReadOnlyOverride).ok());
  EXPECT_EQ(ReasonFor(server, "a", kTitled), ErrorReason::kRegistryReadOnly);
  EXPECT_EQ(ReasonOf(SetMode(server, "b", RegistryMode::kReadOnlyOverride).status()),
            ErrorReason::kMalformedRequest);
  AlsoAfterRestart(server, [](const SchemaCatalog& catalog) {
    EXPECT_EQ(catalog.GetMode("a").mode, RegistryMode::kReadOnlyOverride);
  });
  const auto cleared = server.Await<ModeSettings>([&](auto done) {
    server.registry.ClearMode("", "", {"alice", "", "", 0}, std::move(done));
  });
  ASSERT_TRUE(cleared.ok()) << cleared.status();
  EXPECT_EQ(cleared->mode, RegistryMode::kReadOnlyOverride);
  EXPECT_TRUE(server.Register("a", kTitled).ok());
}

TEST_F(Lifecycle, AnImportChoosesVersionsAndIds) {
  Server server(log_);
  RegisterRequest request{"a", kNumber, "", {}};
  request.version = 7;
  request.id = 100;
  EXPECT_EQ(ReasonOf(server.Register(request).status()), ErrorReason::kRegistryReadOnly);
  ASSERT_TRUE(SetMode(server, "a", RegistryMode::kImport).ok());
  ASSERT_TRUE(server.Register(request).ok());
  request.version = 3;
  request.id = 101;
  request.definition = R"({"type":"string"})";  // nothing is judged
  ASSERT_TRUE(server.Register(request).ok());
  request.version = 7;
  request.definition = "false";
  EXPECT_EQ(ReasonOf(server.Register(request).status()), ErrorReason::kSchemaIdTaken);
  request.version = 8;
  EXPECT_EQ(ReasonOf(server.Register(request).status()), ErrorReason::kSchemaIdTaken);
  ASSERT_TRUE(SetMode(server, "a", RegistryMode::kReadWrite).ok());
  EXPECT_EQ(ReasonOf(SetMode(server, "a", RegistryMode::kImport).status()),
            ErrorReason::kSchemaInUse);
  EXPECT_TRUE(SetMode(server, "a", RegistryMode::kImport, true).ok());
  AlsoAfterRestart(server, [](const SchemaCatalog& catalog) {
    EXPECT_EQ(catalog.Find("a", 0)->version, 7u);
    EXPECT_EQ(catalog.Find("a", 3)->id, 101u);
    EXPECT_EQ(catalog.Find("a", 4), nullptr);
    EXPECT_EQ(catalog.NextId(), 102u);
  });
}

TEST_F(Lifecycle, SettingsCanBeTakenBack) {
  Server server(log_);
  const auto clear = [&] {
    return server
        .Await<CompatibilitySettings>([&](auto done) {
          server.registry.ClearCompatibility("a", "", {"alice", "", "", 0}, std::move(done));
        })
        .status();
  };
  EXPECT_EQ(ReasonOf(clear()), ErrorReason::kNotFound);
  CompatibilitySettings settings;
  settings.subject = "a";
  settings.rules.mode = CompatibilityMode::kNone;
  ASSERT_TRUE(
      server
          .Await<CompatibilitySettings>([&](auto done) {
            server.registry.UpdateCompatibility(settings, {"alice", "", "", 0}, std::move(done));
          })
          .ok());
  EXPECT_TRUE(clear().ok());
  AlsoAfterRestart(server, [](const SchemaCatalog& catalog) {
    EXPECT_TRUE(catalog.GetCompatibility("a").inherited);
    EXPECT_EQ(catalog.GetCompatibility("a").rules, CompatibilityRules());
  });
}

TEST_F(Lifecycle, AnOlderVersionIsCompiledWhenItIsUsed) {
  log_.Store(kSchemaRegisteredType,
             EncodeSchemaRegistered(StoredSchema("a", 1, R"({"type":12})", Sha256Hex("one"))));
  log_.Store(kSchemaRegisteredType,
             EncodeSchemaRegistered(StoredSchema("a", 2, "true", Sha256Hex("false"))));
  log_.Store(kSchemaRegisteredType,
             EncodeSchemaRegistered(StoredSchema("a", 3, "true", Sha256Hex("true"))));
  Server server(log_);
  ASSERT_TRUE(server.registry.Load().ok());
  EXPECT_EQ(ReasonOf(server.registry.Find("a", 1)->compiled->Validate("1", 1).status()),
            ErrorReason::kSchemaInvalid);
  EXPECT_EQ(ReasonOf(server.registry.Find("a", 2)->compiled->Get().status()),
            ErrorReason::kDataLoss);
  EXPECT_TRUE(server.registry.Find("a", 3)->compiled->Validate("1", 1)->empty());
}

// What is beyond the memory for it is compiled when it is used, but judged at start like the rest.
TEST_F(Lifecycle, TheLatestVersionsOfALargeRegistryAreAllChecked) {
  for (int i = 0; i < 6; ++i) {
    const std::string definition =
        absl::StrCat("{\"title\":\"", std::string(400'000, 'x'), i, "\",\"type\":\"number\"}");
    log_.Store(kSchemaRegisteredType,
               EncodeSchemaRegistered(
                   StoredSchema(absl::StrCat("a", i), 1, definition, Sha256Hex(definition))));
  }
  Server server(log_);
  ASSERT_TRUE(server.registry.Load().ok());
  for (const char* subject : {"a0", "a5"}) {
    EXPECT_TRUE(server.registry.Find(subject, 1)->compiled->Validate("1", 1)->empty());
    EXPECT_FALSE(server.registry.Find(subject, 1)->compiled->Validate("true", 1)->empty());
  }
  log_.Store(kSchemaRegisteredType,
             EncodeSchemaRegistered(StoredSchema("z", 1, R"({"type":12})", Sha256Hex("?"))));
  Server again(log_);
  EXPECT_EQ(ReasonOf(again.registry.Load()), ErrorReason::kSchemaInvalid);
}

TEST_F(Lifecycle, AStoredDeletionOfNothingIsDataLoss) {
  log_.Store(kSchemaDeletedType, EncodeSchemaDeleted({"a", {1}, false, ""}));
  Server server(log_);
  EXPECT_EQ(ReasonOf(server.registry.Load()), ErrorReason::kDataLoss);
}

TEST_F(Lifecycle, AnotherFormatIsIncompatible) {
  Server server(log_);
  RegisterRequest request{"a", kNumber, "", {}};
  request.format = SchemaFormat::kAvro;
  EXPECT_EQ(ReasonOf(server.Register(request).status()), ErrorReason::kUnimplemented);
}

TEST(ContentDigest, OfPlainJsonSchemaIsThatOfTheCanonicalForm) {
  SchemaContent content;
  content.canonical = "true";
  const std::string plain = ContentDigest(content);
  EXPECT_EQ(plain, "b5bea41b6c623f7c09f1bf24dcae58ebab3c0cdd90ad966bc43a45b44867e12b");
  content.metadata = "{}";
  EXPECT_NE(ContentDigest(content), plain);
  EXPECT_EQ(GuidOf(plain), "b5bea41b-6c62-8f7c-89f1-bf24dcae58eb");
}

}  // namespace
}  // namespace nexus::schema
