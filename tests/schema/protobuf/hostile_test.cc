// Definitions and data that are malformed, huge or hostile.

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "schema/protobuf/compile.h"

namespace nexus::schema {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Repeat(absl::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) absl::StrAppend(&out, text);
  return out;
}

std::string ErrorOf(const SchemaSource& source, ProtobufOptions options = {}) {
  const auto schema = ProtobufValidator(options).Compile(source);
  if (schema.ok()) return "";
  EXPECT_EQ(ReasonOf(schema.status()), ErrorReason::kSchemaInvalid);
  EXPECT_FALSE(DetailsOf(schema.status()).violations.empty());
  return std::string(schema.status().message());
}

std::string Serialized(const google::protobuf::Message& message) {
  return absl::Base64Escape(message.SerializeAsString());
}

struct Bad {
  const char* name;
  std::string definition;
  const char* message;
};
void PrintTo(const Bad& bad, std::ostream* os) { *os << bad.name; }

class BadDefinition : public ::testing::TestWithParam<Bad> {};

TEST_P(BadDefinition, IsRefusedWithPlaceAndReason) {
  EXPECT_THAT(ErrorOf(GetParam().definition), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Text, BadDefinition,
    ::testing::Values(
        Bad{"Empty", "", "it is empty"}, Bad{"Space", " \n", "it is empty"},
        Bad{"Nothing", "syntax = \"proto3\";", "it declares nothing"},
        Bad{"NotProto", "{\"type\": \"object\"}", "line 1, column 1"},
        Bad{"MissingBrace", "syntax = \"proto3\";\nmessage M {\n  int32 a = 1;",
            "line 3, column 15: Reached end of input in message definition"},
        Bad{"FirstLineWithoutSyntax", "message M { optional int32 a 1; }", "line 1, column 30"},
        Bad{"Zero", std::string("message M { }\0", 14), "it holds a zero byte"},
        Bad{"NotUtf8", "message M { } // \xff", "byte 17: it is not valid UTF-8"},
        Bad{"OpenString", "syntax = \"proto3\nmessage M { }", "line 1"},
        Bad{"OpenComment", "message M { } /* ", "End-of-file inside block comment"},
        Bad{"NoLabel", "message M { int32 a = 1; }", "line 1, column 13"},
        Bad{"NumberTwice", "syntax = \"proto3\";\nmessage M { int32 a = 1;\n int32 b = 1; }",
            "line 3, column 12: M.b: Field number 1 has already been used"},
        Bad{"NameTwice", "syntax = \"proto3\";\nmessage M { } message M { }",
            "line 2, column 23: M: \"M\" is already defined"},
        Bad{"NumberTooBig", "syntax = \"proto3\"; message M { int32 a = 536870912; }",
            "Field numbers cannot be greater than 536870911"},
        Bad{"NumberReserved", "syntax = \"proto3\"; message M { int32 a = 19000; }", "19000"},
        Bad{"NumberZero", "syntax = \"proto3\"; message M { int32 a = 0; }", "positive integers"},
        Bad{"NoSuchType", "syntax = \"proto3\";\nmessage M { N n = 1; }",
            "line 2, column 13: M.n: \"N\" is not defined"},
        Bad{"EnumWithoutZero", "syntax = \"proto3\"; enum E { A = 1; }", "zero in proto3"},
        Bad{"EmptyEnum", "message M { } enum E { }", "at least one value"},
        Bad{"ReservedUsed", "syntax = \"proto3\"; message M { reserved 1; int32 a = 1; }",
            "uses reserved number 1"},
        Bad{"Editions", "edition = \"2023\"; message M { }", "line 1, column 1"},
        Bad{"Proto4", "syntax = \"proto4\"; message M { }", "proto4"},
        Bad{"MapKey", "syntax = \"proto3\"; message M { map<double, int32> a = 1; }", "Key in map"},
        Bad{"OptionUnknown", "syntax = \"proto3\"; message M { int32 a = 1 [(x) = 1]; }",
            "Option \"(x)\" unknown"},
        Bad{"MessageSet",
            "message M { option message_set_wire_format = true; extensions 4 to max; }",
            "message_set_wire_format is not supported"}),
    [](const auto& row) { return std::string(row.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Depth, BadDefinition,
    ::testing::Values(
        Bad{"Messages", Repeat("message M {", 100'000 / 11), "nests deeper than 32 brackets"},
        Bad{"Braces", "message M " + Repeat("{", 400'000), "nests deeper than 32 brackets"},
        Bad{"Groups", "message M {" + Repeat("optional group G = 1 {", 20'000), "32 brackets"},
        Bad{"Aggregate",
            "message M { option (x) = {" + Repeat("a{", 100'000) + Repeat("}", 100'001) + "}",
            "32 brackets"},
        Bad{"List", "message M { option (x) = {a:" + Repeat("[", 100'000), "32 brackets"},
        Bad{"AfterAString", "message M { option (x) = \"\\\"{\"; " + Repeat("message M {", 9'000),
            "32 brackets"},
        Bad{"AfterComments", "/* } // */ // }}}\nmessage M {" + Repeat("message M {", 9'000),
            "line 2, column 1: it nests"},
        Bad{"Size", "//" + std::string(512 * 1024, 'x'), "bytes, more than 524288"}),
    [](const auto& row) { return std::string(row.param.name); });

INSTANTIATE_TEST_SUITE_P(Base64, BadDefinition,
                         ::testing::Values(Bad{"Word", "abc", "FileDescriptorProto"},
                                           Bad{"OneLetter", "a", "neither .proto text nor base64"},
                                           Bad{"PaddingFirst", "=abc",
                                               "neither .proto text nor base64"},
                                           Bad{"Garbage", "////////", "byte 0"},
                                           Bad{"Zeros", std::string(400'000, 'A'), "byte 0"}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(BadDescriptors, ThatAreCutAreRefused) {
  const auto schema =
      Compiled("syntax = \"proto3\"; package p; message M { int32 a = 1; M m = 2; }");
  std::string bytes;
  ASSERT_TRUE(absl::Base64Unescape(schema->Serialized(), &bytes));
  int taken = 0;
  for (size_t size = 1; size < bytes.size(); ++size) {
    // Some cuts fall between two fields and leave a smaller file.
    const std::string cut = absl::Base64Escape(bytes.substr(0, size));
    if (ProtobufValidator().Compile(cut).ok()) ++taken;
  }
  EXPECT_EQ(taken, 1);  // all but the syntax: a file of proto2
}

TEST(BadDescriptors, ThatNestTooDeepAreRefused) {
  google::protobuf::FileDescriptorProto file;
  file.set_name("a.proto");
  google::protobuf::DescriptorProto* type = file.add_message_type();
  type->set_name("M");
  for (int i = 0; i < 40; ++i) {
    type = type->add_nested_type();
    type->set_name("M");
  }
  EXPECT_THAT(ErrorOf(Serialized(file)), HasSubstr("nests deeper"));
  std::string abyss;
  for (int i = 0; i < 20'000; ++i) {
    // Innermost first: a nested_type of a nested_type.
    const size_t size = abyss.size();
    std::string head = "\x1a";
    for (size_t rest = size;; rest >>= 7) {
      head += static_cast<char>((rest & 0x7F) | (rest > 0x7F ? 0x80 : 0));
      if (rest <= 0x7F) break;
    }
    abyss = head + abyss;
    if (abyss.size() > 300'000) break;
  }
  abyss[0] = '\x22';
  EXPECT_THAT(ErrorOf(absl::Base64Escape(abyss)), HasSubstr("nests deeper"));
}

TEST(BadDescriptors, WithOptionsThatAreTextAreRefused) {
  google::protobuf::FileDescriptorProto file;
  file.set_name("a.proto");
  file.add_message_type()->set_name("M");
  auto* option = file.mutable_message_type(0)->mutable_options()->add_uninterpreted_option();
  option->add_name()->set_name_part("x");
  option->mutable_name(0)->set_is_extension(true);
  option->set_aggregate_value(Repeat("a{", 50'000));
  EXPECT_THAT(ErrorOf(Serialized(file)), HasSubstr("an option that is still text"));
}

TEST(BadDescriptors, WithTextThatIsNotUtf8AreRefused) {
  google::protobuf::FileDescriptorProto file;
  file.set_name("a.proto");
  file.add_message_type()->set_name("Mxxx");
  std::string bytes = file.SerializeAsString();
  bytes[bytes.size() - 1] = '\xff';
  EXPECT_THAT(ErrorOf(absl::Base64Escape(bytes)),
              HasSubstr("/message_type/0/name is not valid UTF-8"));
}

TEST(BadDescriptors, OfALaterSyntaxAreRefused) {
  google::protobuf::FileDescriptorProto file;
  file.set_name("a.proto");
  file.set_syntax("editions");
  file.add_message_type()->set_name("M");
  file.mutable_unknown_fields()->AddVarint(14, 1000);
  EXPECT_THAT(ErrorOf(Serialized(file)), HasSubstr("a field that is not known"));
}

TEST(Errors, AreToldTogetherUpToABound) {
  std::string text = "syntax = \"proto3\";\nmessage M {\n";
  for (int i = 1; i <= 50; ++i) absl::StrAppend(&text, "  Missing", i, " f", i, " = ", i, ";\n");
  const auto schema = ProtobufValidator().Compile(text + "}");
  const ErrorDetails details = DetailsOf(schema.status());
  ASSERT_THAT(details.violations, SizeIs(20));
  EXPECT_EQ(details.violations[0].pointer, "line 3, column 3");
  EXPECT_EQ(details.violations[19].pointer, "line 22, column 3");
  EXPECT_THAT(std::string(schema.status().message()), HasSubstr("(and 49 more)"));
}

TEST(Imports, ThatAreMissingAreNamed) {
  const std::string text = "syntax = \"proto3\";\nimport \"a/b.proto\";\nmessage M { }";
  EXPECT_THAT(ErrorOf(text), HasSubstr("line 2, column 1: the import \"a/b.proto\" is not among"));
  EXPECT_THAT(ErrorOf("import \"google/protobuf/compiler/plugin.proto\"; message M { }"),
              HasSubstr("plugin.proto"));
  EXPECT_THAT(ErrorOf("import \"google/rpc/status.proto\"; message M { }"), HasSubstr("status"));
}

TEST(Imports, OfImportsAreFound) {
  const std::vector<SchemaReference> references = {
      {"a.proto", "syntax = \"proto3\"; package a; message A { string s = 1; }"},
      {"b.proto",
       "syntax = \"proto3\"; package b; import public \"a.proto\"; message B { a.A a = 1; }"}};
  const auto schema = Compiled(SchemaSource(
      "syntax = \"proto3\"; import \"b.proto\"; message M { a.A a = 1; }", references));
  ASSERT_NE(schema, nullptr);
  EXPECT_THAT(*schema->Validate("\x0a\x03\x0a\x01\xff", 10), SizeIs(1));
}

TEST(Imports, MayBeSerialized) {
  const auto money = Compiled("syntax = \"proto3\"; package q; message Money { int64 c = 1; }");
  const std::vector<SchemaReference> references = {{"q/money.proto", money->Serialized()}};
  EXPECT_NE(Compiled(SchemaSource("syntax = \"proto3\"; import \"q/money.proto\"; "
                                  "message M { q.Money m = 1; }",
                                  references)),
            nullptr);
}

TEST(Imports, WithErrorsAreNamed) {
  const std::vector<SchemaReference> references = {{"a.proto", "syntax = \"proto3\";\nmessage {"}};
  EXPECT_THAT(ErrorOf(SchemaSource("import \"a.proto\"; message M { }", references)),
              HasSubstr("a.proto: line 2, column 9"));
}

TEST(Imports, ThatFormALoopAreRefused) {
  const std::vector<SchemaReference> references = {
      {"a.proto", "import \"b.proto\"; message A { }"},
      {"b.proto", "import \"a.proto\"; message B { }"},
      {"c.proto", "import \"c.proto\"; message C { }"}};
  EXPECT_THAT(ErrorOf(SchemaSource("import \"a.proto\"; message M { }", references)),
              HasSubstr("form a loop: default -> a.proto -> b.proto -> a.proto"));
  EXPECT_THAT(ErrorOf(SchemaSource("import \"c.proto\"; message M { }", references)),
              HasSubstr("form a loop"));
  EXPECT_THAT(ErrorOf("import \"default\"; message M { }"), HasSubstr("form a loop"));
}

TEST(Imports, AreBounded) {
  std::vector<SchemaReference> references;
  for (int i = 0; i < 200; ++i) {
    references.push_back({absl::StrCat("f", i, ".proto"),
                          absl::StrCat("import \"f", i + 1, ".proto\"; message F", i, " { }")});
  }
  references.back().definition = "message F { }";
  const std::string text = "import \"f0.proto\"; message M { }";
  EXPECT_EQ(ErrorOf(SchemaSource(text, references)), "");
  references.push_back({"one.more", "message F { }"});
  EXPECT_THAT(ErrorOf(SchemaSource(text, references)), HasSubstr("more than 200"));
}

TEST(Bounds, OfMessagesFieldsAndRanges) {
  std::string messages = "syntax = \"proto3\";";
  for (int i = 0; i < 5'000; ++i) absl::StrAppend(&messages, "message M", i, "{}");
  EXPECT_EQ(ErrorOf(messages), "");
  EXPECT_THAT(ErrorOf(messages + "message N{}"), HasSubstr("5001 messages, more than 5000"));
  std::string nested = "syntax = \"proto3\"; message M {";
  for (int i = 0; i < 10'000; ++i) absl::StrAppend(&nested, "message M", i, "{}");
  EXPECT_THAT(ErrorOf(nested + "}"), HasSubstr("10001 messages, more than 5000"));
  std::string values = "enum E{Z=0;";
  for (int i = 1; i <= 50'000; ++i) absl::StrAppend(&values, "a", i, "=", i, ";");
  ProtobufOptions options;
  options.definition_bytes_max = 10 << 20;
  options.files_bytes_max = 10 << 20;
  EXPECT_THAT(ErrorOf(values + "}", options), HasSubstr("more than 50000"));
  std::string ranges = "message M { reserved 1";
  for (int i = 2; i <= 50'000; ++i) absl::StrAppend(&ranges, ",", i);
  EXPECT_THAT(ErrorOf(ranges + "; }"), HasSubstr("50000 reserved and extension ranges"));
}

// libprotobuf builds the types of messages inside one another by recursion.
TEST(Bounds, OfTypesThatLeadToEachOther) {
  for (const bool ring : {false, true}) {
    std::string text = "syntax = \"proto3\";";
    for (int i = 0; i < 5'000; ++i) {
      absl::StrAppend(&text, "message M", i, "{M", i + 1 < 5'000 ? i + 1 : (ring ? 0 : i),
                      " a=1;}");
    }
    const auto schema = Compiled(text);
    ASSERT_NE(schema, nullptr);
    std::thread thread([&] { EXPECT_EQ(*schema->ToJson("", JsonNames::kOriginal), "{}"); });
    thread.join();
  }
}

TEST(HostileData, ThatNestsTooDeepIsRefused) {
  const auto schema = Compiled("syntax = \"proto3\"; message M { M m = 1; }");
  std::string data;
  for (int i = 0; i < 64; ++i) {
    std::string head = "\x0a";
    for (size_t rest = data.size();; rest >>= 7) {
      head += static_cast<char>((rest & 0x7F) | (rest > 0x7F ? 0x80 : 0));
      if (rest <= 0x7F) break;
    }
    data = head + data;
  }
  EXPECT_THAT(*schema->Validate(data, 10), IsEmpty());
  EXPECT_TRUE(schema->ToJson(data, JsonNames::kOriginal).ok());
  std::string head = "\x0a";
  head += static_cast<char>((data.size() & 0x7F) | 0x80);
  head += static_cast<char>(data.size() >> 7);
  const auto violations = *schema->Validate(head + data, 10);
  ASSERT_THAT(violations, SizeIs(1));
  EXPECT_EQ(violations[0].keyword, "depth");
}

TEST(HostileData, OfEndlessGroupsIsRefused) {
  const auto schema = Compiled("message M { optional group G = 1 { optional M m = 2; } }");
  EXPECT_THAT(*schema->Validate(Repeat("\x0b", 1'000'000), 10), SizeIs(1));
  EXPECT_THAT(*schema->Validate(Repeat("\x1b", 1'000'000), 10), SizeIs(1));
}

TEST(HostileData, WithManyViolationsIsJudgedInReasonableTime) {
  const auto schema = Compiled("syntax = \"proto3\"; message M { repeated string s = 1; }");
  EXPECT_THAT(*schema->Validate(Repeat("\x0a\x01\xff", 100'000), 100), SizeIs(100));
}

constexpr char kMixed[] = R"(
syntax = "proto2";
message M {
  optional int32 i = 1; optional sint64 z = 2; repeated int32 packed = 3 [packed = true];
  repeated string s = 4; optional M m = 5; map<string, M> map = 6; optional bytes b = 7;
  optional fixed32 f = 8; optional double d = 9; repeated E e = 10; optional group G = 11 {
    optional int32 x = 1; optional M m = 2; } oneof o { string a = 12; M c = 13; }
  extensions 20 to 30;
}
enum E { A = 1; B = 2; }
extend M { repeated E x = 20; }
)";

// Bytes that are a message, a little damaged.
class Mutator {
 public:
  explicit Mutator(uint32_t seed) : random_(seed) {}

  std::string Message(int depth) {
    std::string data;
    for (int fields = Up(5); fields > 0; --fields) data += Field(depth);
    return data;
  }
  void Damage(std::string& data) {
    for (int times = Up(4); times > 0 && !data.empty(); --times) {
      const size_t at = static_cast<size_t>(Up(static_cast<int>(data.size())));
      switch (Up(4)) {
        case 0:
          data[at] = static_cast<char>(Up(256));
          break;
        case 1:
          data.erase(at, 1);
          break;
        case 2:
          data.insert(at, 1, static_cast<char>(Up(256)));
          break;
        default:
          data[at] = static_cast<char>(data[at] ^ (1 << Up(8)));
      }
    }
  }

 private:
  int Up(int end) { return static_cast<int>(random_() % static_cast<uint32_t>(end)); }
  static std::string Varint(uint64_t value) {
    std::string text;
    for (; value > 0x7F; value >>= 7) text += static_cast<char>(value | 0x80);
    return text + static_cast<char>(value);
  }
  std::string Field(int depth) {
    static constexpr int kLength[] = {3, 4, 7, 12};
    const std::string word(static_cast<size_t>(Up(4)), static_cast<char>(1 + Up(127)));
    switch (Up(depth > 0 ? 8 : 5)) {
      case 0:
        return Varint(1 << 3) + Varint(random_());
      case 1:
        return Varint(static_cast<uint64_t>(kLength[Up(4)] << 3 | 2)) + Varint(word.size()) + word;
      case 2:
        return Varint(static_cast<uint64_t>((Up(2) == 0 ? 10 : 20) << 3)) +
               Varint(static_cast<uint64_t>(1 + Up(3)));
      case 3:
        return Varint(8 << 3 | 5) + "abcd" + Varint(9 << 3 | 1) + "abcdefgh";
      case 4:
        return Varint(10 << 3 | 2) + Varint(2) + "\x01\x02";
      case 5:
        return Varint(11 << 3 | 3) + Inner(2, depth) + Varint(11 << 3 | 4);
      case 6:
        return Varint(6 << 3 | 2) + Inside("\x0a\x01k" + Inner(2, depth));
      default:
        return Inner(Up(2) == 0 ? 5 : 13, depth);
    }
  }
  std::string Inner(int number, int depth) {
    return Varint(static_cast<uint64_t>(number << 3 | 2)) + Inside(Message(depth - 1));
  }
  static std::string Inside(const std::string& data) { return Varint(data.size()) + data; }

  std::mt19937 random_;
};

bool HasUnknown(const google::protobuf::Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (!reflection.GetUnknownFields(message).empty()) return true;
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->message_type() == nullptr) continue;
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (HasUnknown(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                          : reflection.GetMessage(message, field))) {
        return true;
      }
    }
  }
  return false;
}

// The check of our own and libprotobuf's parser say the same of damaged messages, but for UTF-8,
// which libprotobuf does not ask for in proto2, and for numbers of more bits than they may have.
TEST(HostileData, IsJudgedAsLibprotobufDoes) {
  const auto schema = Compiled(kMixed);
  ASSERT_NE(schema, nullptr);
  google::protobuf::DynamicMessageFactory factory;
  const google::protobuf::Message* prototype = factory.GetPrototype(schema->file().message_type(0));
  const google::protobuf::LogSilencer silencer;
  int valid = 0;
  int damaged = 0;
  for (uint32_t seed = 0; seed < 10'000; ++seed) {
    Mutator mutator(seed);
    std::string data = mutator.Message(4);
    mutator.Damage(data);
    const DataFindings found = *schema->Inspect(data, 5, 5);
    std::vector<Violation> violations = found.violations;
    violations.insert(violations.end(), found.undeclared.begin(), found.undeclared.end());
    // libprotobuf would only log it.
    const auto is_text = [](const Violation& violation) { return violation.keyword == "utf8"; };
    if (std::any_of(violations.begin(), violations.end(), is_text)) continue;
    const std::unique_ptr<google::protobuf::Message> message(prototype->New());
    const bool parsed = message->ParseFromString(data) && !HasUnknown(*message);
    if (violations.empty()) {
      ++valid;
      EXPECT_TRUE(parsed) << seed;
      EXPECT_TRUE(schema->ToJson(data, JsonNames::kOriginal).ok()) << seed;
      continue;
    }
    ++damaged;
    // libprotobuf cuts a tag or length with bits beyond its 32, and forgets what was unknown in a
    // message that another value of its oneof or map has replaced.
    const std::string& pointer = violations[0].pointer;
    const bool replaced = absl::StrContains(pointer, "/c") || absl::StrContains(pointer, "/map/");
    EXPECT_TRUE(!parsed || replaced || violations[0].keyword == "wire") << seed << pointer;
  }
  EXPECT_GT(valid, 1'000);
  EXPECT_GT(damaged, 1'000);
}

TEST(HostileData, OfAnyBytesNeverCrashesDefinitionsEither) {
  const auto schema = Compiled(kMixed);
  std::string bytes;
  ASSERT_TRUE(absl::Base64Unescape(schema->Serialized(), &bytes));
  int taken = 0;
  for (uint32_t seed = 0; seed < 3'000; ++seed) {
    std::string damaged = bytes;
    Mutator(seed).Damage(damaged);
    const auto again = ProtobufValidator().Compile(absl::Base64Escape(damaged));
    if (!again.ok()) {
      EXPECT_EQ(ReasonOf(again.status()), ErrorReason::kSchemaInvalid);
      continue;
    }
    ++taken;
    EXPECT_TRUE(ProtobufValidator().Canonical(absl::Base64Escape(damaged)).ok()) << seed;
  }
  EXPECT_GT(taken, 100);
  for (uint32_t seed = 0; seed < 3'000; ++seed) {
    std::string damaged = kMixed;
    Mutator(seed).Damage(damaged);
    const auto again = ProtobufValidator().Compile(damaged);
    if (!again.ok()) {
      EXPECT_EQ(ReasonOf(again.status()), ErrorReason::kSchemaInvalid);
    }
  }
}

}  // namespace
}  // namespace nexus::schema
