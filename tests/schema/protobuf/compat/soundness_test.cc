// "Compatible" is a promise about messages: here it is held against made-up files, edits and
// messages, by libprotobuf's own parser.
//
// STRICT, BACKWARD: a message that is valid under the version before parses under the new one: no
// byte is malformed, no text is not UTF-8, nothing required is missing. Fields that are gone and
// numbers that a closed enum has lost may be unknown to the reader.
// STRICT, FORWARD: the same with the versions exchanged.
// NEXUS, BACKWARD: the message is also valid under the new version, so that it has nothing that is
// unknown there; and read and written again by the new version it is the message that it was.

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "schema/protobuf/compat/compare.h"

namespace nexus::schema {
namespace {

namespace pb = google::protobuf;

class Dice {
 public:
  explicit Dice(uint32_t seed) : random_(seed) {}
  int Up(int end) { return static_cast<int>(random_() % static_cast<uint32_t>(end)); }
  bool OneIn(int n) { return Up(n) == 0; }
  uint64_t Bits() { return random_() | static_cast<uint64_t>(random_()) << 32; }

 private:
  std::mt19937 random_;
};

constexpr const char* kTypes[] = {"int32",
                                  "int64",
                                  "uint32",
                                  "uint64",
                                  "bool",
                                  "E",
                                  "sint32",
                                  "sint64",
                                  "string",
                                  "bytes",
                                  "fixed32",
                                  "sfixed32",
                                  "fixed64",
                                  "sfixed64",
                                  "float",
                                  "double",
                                  "N",
                                  "M",
                                  "map<string, int32>",
                                  "map<int32, N>",
                                  "map<bool, bytes>",
                                  "F"};
constexpr int kTypeCount = 22;

struct FieldModel {
  int number = 0;
  std::string name;
  std::string type;
  std::string label;  // "", "optional", "required", "repeated"
  int oneof = 0;      // 0: none

  bool is_map() const { return type[0] == 'm'; }
};

struct MessageModel {
  std::string name;
  std::vector<FieldModel> fields;
  std::string reserved;
};

// A file of two messages and two enums, and an edit of it.
class FileModel {
 public:
  explicit FileModel(Dice& dice) : proto3_(dice.OneIn(2)) {
    for (const char* name : {"M", "N"}) {
      MessageModel message;
      message.name = name;
      for (int i = dice.Up(5); i >= 0; --i) message.fields.push_back(NewField(dice, message));
      messages_.push_back(message);
    }
  }

  void Edit(Dice& dice) {
    MessageModel& message = messages_[static_cast<size_t>(dice.Up(2))];
    if (message.fields.empty() || dice.OneIn(4)) {
      message.fields.push_back(NewField(dice, message));
      return;
    }
    const size_t at = static_cast<size_t>(dice.Up(static_cast<int>(message.fields.size())));
    FieldModel& field = message.fields[at];
    switch (dice.Up(9)) {
      case 0:
        absl::StrAppend(&message.reserved, "reserved ", field.number, "; reserved \"", field.name,
                        "\"; ");
        message.fields.erase(message.fields.begin() + static_cast<int>(at));
        break;
      case 1:
        field.name += "x";
        break;
      case 2:
        field.type = kTypes[dice.Up(kTypeCount)];
        Settle(dice, field, message);
        break;
      case 3:
        field.type = Sibling(dice, field.type);
        Settle(dice, field, message);
        break;
      case 4:
        field.label = Label(dice);
        Settle(dice, field, message);
        break;
      case 5:
        field.oneof = dice.Up(3);
        Settle(dice, field, message);
        break;
      case 6:
        values_ = dice.Up(4);
        break;
      case 7:
        ++extra_;
        break;
      default:
        std::reverse(message.fields.begin(), message.fields.end());
    }
  }

  std::string Text() const {
    std::string text = proto3_ ? "3 " : "2 ";
    for (const MessageModel& message : messages_) absl::StrAppend(&text, Text(message));
    for (int i = 0; i < extra_; ++i) absl::StrAppend(&text, "message X", i, " { } ");
    absl::StrAppend(&text, "enum E { Z = 0; ");
    for (int i = 1; i < values_; ++i) absl::StrAppend(&text, "V", i, " = ", i, "; ");
    return absl::StrCat(text, "} enum F { Y = 0; W = 5; }");
  }

 private:
  std::string Label(Dice& dice) const {
    constexpr const char* kLabels[] = {"optional", "repeated", "required", "optional"};
    return proto3_ ? (dice.OneIn(2) ? "" : kLabels[dice.Up(2)]) : kLabels[dice.Up(4)];
  }
  // A type that has the same form on the wire.
  static std::string Sibling(Dice& dice, const std::string& type) {
    static const std::vector<std::vector<std::string>> kGroups = {
        {"int32", "int64", "uint32", "uint64", "bool", "E", "F"},
        {"sint32", "sint64"},
        {"string", "bytes"},
        {"fixed32", "sfixed32"},
        {"fixed64", "sfixed64"},
        {"map<string, int32>", "map<string, E>", "map<string, bool>"},
        {"map<bool, bytes>", "map<bool, string>"}};
    for (const auto& group : kGroups) {
      if (std::find(group.begin(), group.end(), type) == group.end()) continue;
      return group[static_cast<size_t>(dice.Up(static_cast<int>(group.size())))];
    }
    return type;
  }
  // Makes the field one that its syntax allows.
  void Settle(Dice& dice, FieldModel& field, const MessageModel& message) const {
    if (field.is_map()) field.oneof = 0;
    // A message that must hold itself would have no valid one.
    const bool holds = field.type == "M" || (message.name == "N" && field.type == "N");
    if (holds && field.label == "required") field.label = "optional";
    if (field.is_map() || field.oneof != 0) {
      field.label = "";
    } else if (field.label.empty() && !proto3_) {
      field.label = Label(dice) == "repeated" ? "repeated" : "optional";
    }
  }
  FieldModel NewField(Dice& dice, const MessageModel& message) {
    FieldModel field;
    field.number = next_number_++;
    field.name = absl::StrCat("f", field.number);
    field.type = kTypes[dice.Up(kTypeCount)];
    field.label = Label(dice);
    field.oneof = dice.OneIn(3) ? 1 + dice.Up(2) : 0;
    Settle(dice, field, message);
    return field;
  }
  static std::string Text(const MessageModel& message) {
    std::string text = absl::StrCat("message ", message.name, " { ", message.reserved);
    for (int oneof = 0; oneof < 3; ++oneof) {
      std::string inside;
      for (const FieldModel& field : message.fields) {
        if (field.oneof != oneof) continue;
        absl::StrAppend(&inside, field.label, " ", field.type, " ", field.name, " = ", field.number,
                        "; ");
      }
      if (oneof == 0 || inside.empty()) {
        text += inside;
      } else {
        absl::StrAppend(&text, "oneof o", oneof, " { ", inside, "} ");
      }
    }
    return text + "} ";
  }

  bool proto3_;
  std::vector<MessageModel> messages_;
  int next_number_ = 1;
  int values_ = 3;
  int extra_ = 0;
};

// A message with some of everything that its type declares.
class MessageFiller {
 public:
  explicit MessageFiller(Dice& dice) : dice_(dice) {}

  void Fill(pb::Message& message, int depth) {
    const pb::Descriptor& type = *message.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const pb::FieldDescriptor& field = *type.field(i);
      // An entry of a map has its value, which may have what is required.
      const bool needed = field.is_required() || type.options().map_entry();
      const bool deep = field.message_type() != nullptr && depth == 0;
      if (!needed && (deep || dice_.OneIn(3))) continue;
      const int times = field.is_repeated() ? 1 + dice_.Up(3) : 1;
      for (int t = 0; t < times; ++t) Set(message, field, depth);
    }
  }

 private:
  using Field = pb::FieldDescriptor;

  std::string Word(bool text) {
    std::string word;
    for (int i = dice_.Up(5); i > 0; --i) {
      word += static_cast<char>(text ? 'a' + dice_.Up(26) : dice_.Up(256));
    }
    return word;
  }
  template <typename Value>
  Value Number() {
    return dice_.OneIn(2) ? static_cast<Value>(dice_.Up(3)) : static_cast<Value>(dice_.Bits());
  }
  void Set(pb::Message& message, const Field& field, int depth) {
    const pb::Reflection& r = *message.GetReflection();
    const bool many = field.is_repeated();
    switch (field.cpp_type()) {
      case Field::CPPTYPE_INT32: {
        const auto value = Number<int32_t>();
        return many ? r.AddInt32(&message, &field, value) : r.SetInt32(&message, &field, value);
      }
      case Field::CPPTYPE_INT64: {
        const auto value = Number<int64_t>();
        return many ? r.AddInt64(&message, &field, value) : r.SetInt64(&message, &field, value);
      }
      case Field::CPPTYPE_UINT32: {
        const auto value = Number<uint32_t>();
        return many ? r.AddUInt32(&message, &field, value) : r.SetUInt32(&message, &field, value);
      }
      case Field::CPPTYPE_UINT64: {
        const auto value = Number<uint64_t>();
        return many ? r.AddUInt64(&message, &field, value) : r.SetUInt64(&message, &field, value);
      }
      case Field::CPPTYPE_FLOAT: {
        const auto value = static_cast<float>(dice_.Up(1000)) / 8;
        return many ? r.AddFloat(&message, &field, value) : r.SetFloat(&message, &field, value);
      }
      case Field::CPPTYPE_DOUBLE: {
        const auto value = static_cast<double>(dice_.Up(1000)) / 8;
        return many ? r.AddDouble(&message, &field, value) : r.SetDouble(&message, &field, value);
      }
      case Field::CPPTYPE_BOOL: {
        const bool value = dice_.OneIn(2);
        return many ? r.AddBool(&message, &field, value) : r.SetBool(&message, &field, value);
      }
      case Field::CPPTYPE_ENUM: {
        const auto* value = field.enum_type()->value(dice_.Up(field.enum_type()->value_count()));
        return many ? r.AddEnum(&message, &field, value) : r.SetEnum(&message, &field, value);
      }
      case Field::CPPTYPE_STRING: {
        const std::string value = Word(field.type() == Field::TYPE_STRING);
        return many ? r.AddString(&message, &field, value) : r.SetString(&message, &field, value);
      }
      case Field::CPPTYPE_MESSAGE:
        Fill(many ? *r.AddMessage(&message, &field) : *r.MutableMessage(&message, &field),
             std::max(0, depth - 1));
    }
  }

  Dice& dice_;
};

struct Version {
  explicit Version(const std::string& text) : schema(Compiled(FileText(text))) {}
  // Also of fields that it does not declare.
  std::vector<Violation> Refused(const std::string& data) const {
    const DataFindings found = *schema->Inspect(data, 100, 100);
    std::vector<Violation> violations = found.violations;
    violations.insert(violations.end(), found.undeclared.begin(), found.undeclared.end());
    return violations;
  }
  // Owned by the caller; the factory and the schema outlive it.
  std::unique_ptr<pb::Message> NewMessage() {
    return std::unique_ptr<pb::Message>(
        factory.GetPrototype(schema->file().message_type(0))->New());
  }

  std::shared_ptr<const CompiledProtobufSchema> schema;
  pb::DynamicMessageFactory factory;
};

struct Counts {
  int compatible = 0;
  int incompatible = 0;
  int kept = 0;
};

CompatibilityVerdict JudgedBy(const Version& before, const Version& after,
                              const CompatibilityRules& rules) {
  const std::vector<EarlierSchema> earlier = {{1, before.schema.get()}};
  return *ProtobufComparer().Compare(earlier, *after.schema, rules);
}

std::string RandomMessage(Dice& dice, Version& version) {
  const auto message = version.NewMessage();
  MessageFiller(dice).Fill(*message, 3);
  return message->SerializeAsString();
}

// A reader of `reader` understands what was written by `writer`.
void ExpectParses(const std::string& data, Version& writer, Version& reader,
                  const std::string& texts) {
  RC_ASSERT(writer.Refused(data).empty());
  const std::vector<Violation> violations = *reader.schema->Validate(data, 100);
  for (const Violation& violation : violations) {
    // A number that is not declared is kept among the unknown fields.
    if (violation.keyword != "enum")
      RC_FAIL(absl::StrCat(violation.keyword, ": ", violation.message, "\n", texts));
  }
  RC_ASSERT(reader.NewMessage()->ParseFromString(data));
}

// Nothing is lost on the way through the new version.
void ExpectKept(const std::string& data, Version& before, Version& after,
                const std::string& texts) {
  RC_ASSERT(before.Refused(data).empty());
  const std::vector<Violation> violations = after.Refused(data);
  for (const Violation& violation : violations) {
    RC_FAIL(absl::StrCat(violation.keyword, ": ", violation.message, "\n", texts));
  }
  const auto read = after.NewMessage();
  RC_ASSERT(read->ParseFromString(data));
  const auto original = before.NewMessage();
  const auto returned = before.NewMessage();
  RC_ASSERT(original->ParseFromString(data));
  RC_ASSERT(returned->ParseFromString(read->SerializeAsString()));
  RC_ASSERT(pb::util::MessageDifferencer::Equals(*original, *returned));
}

void TryOnce(uint32_t seed, Counts& counts) {
  using Mode = CompatibilityMode;
  using Policy = CompatibilityPolicy;
  Dice dice(seed);
  FileModel file(dice);
  const std::string before_text = file.Text();
  for (int edits = dice.Up(3); edits >= 0; --edits) file.Edit(dice);
  Version before(before_text);
  Version after(file.Text());
  RC_ASSERT(before.schema != nullptr);
  RC_ASSERT(after.schema != nullptr);
  const bool backward =
      JudgedBy(before, after, {Mode::kBackward, Policy::kStrict, {}}).compatible();
  const bool forward = JudgedBy(before, after, {Mode::kForward, Policy::kStrict, {}}).compatible();
  const bool nexus = JudgedBy(before, after, {Mode::kBackward, Policy::kNexus, {}}).compatible();
  const std::string texts = absl::StrCat(before_text, "\n", file.Text());
  ++(backward ? counts.compatible : counts.incompatible);
  if (nexus) ++counts.kept;
  for (int i = 0; i < 5; ++i) {
    if (backward) ExpectParses(RandomMessage(dice, before), before, after, texts);
    if (forward) ExpectParses(RandomMessage(dice, after), after, before, texts);
    if (nexus) ExpectKept(RandomMessage(dice, before), before, after, texts);
  }
}

TEST(Compatible, MeansThatMessagesAreUnderstood) {
  Counts counts;
  ASSERT_TRUE(rc::check("messages are understood", [&counts] {
    const auto seed = *rc::gen::arbitrary<uint32_t>();
    for (uint32_t i = 0; i < 20; ++i) TryOnce(seed + i, counts);
  }));
  // All kinds of verdicts were among them.
  EXPECT_GT(counts.compatible, 20);
  EXPECT_GT(counts.incompatible, 20);
  EXPECT_GT(counts.kept, 20);
}

}  // namespace
}  // namespace nexus::schema
