#include "schema/protobuf/required_fields.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace nexus::schema {
namespace {

// "lines[2].price" as "/lines/2/price". The parentheses of an extension hold dots.
std::string PointerOf(const std::string& path) {
  std::string pointer = "/";
  bool in_extension = false;
  for (const char c : path) {
    if (c == '(' || c == ')') {
      in_extension = c == '(';
      pointer += in_extension ? '[' : ']';
    } else if (c == '.' && !in_extension) {
      pointer += '/';
    } else if (c == '[') {
      pointer += '/';
    } else if (c != ']') {
      pointer += c;
    }
  }
  return pointer;
}

}  // namespace

std::vector<Violation> FindMissingFields(const google::protobuf::Message& message,
                                         size_t violations_max) {
  std::vector<Violation> violations;
  if (message.IsInitialized()) return violations;
  std::vector<std::string> paths;
  message.FindInitializationErrors(&paths);
  for (const std::string& path : paths) {
    if (!violations.empty() && violations.size() >= violations_max) break;
    Violation violation;
    violation.pointer = PointerOf(path);
    violation.keyword = "required";
    violation.expected = "a value";
    violation.actual = "none";
    violation.message = absl::StrCat(violation.pointer, " is required and missing");
    violations.push_back(std::move(violation));
  }
  return violations;
}

}  // namespace nexus::schema
