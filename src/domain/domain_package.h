#pragma once

// A domain: the folder of declarations that a team applies as a whole. docs/reference/domains.md.
//
// Values; thread-safe as such.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nexus::domain {

inline constexpr absl::string_view kApiVersion = "nexus/v1";

// What a declaration is about.
enum class Kind : uint8_t { kSchema, kAggregate, kUpcaster, kRoute, kPolicy, kRole };

// "Schema" and so on.
absl::string_view KindName(Kind kind);

// Texts of a package in all: with what escapes them it fits into an event.
inline constexpr size_t kPackageBytesMax = 512 << 10;

inline constexpr size_t kPathBytesMax = 255;

// A path in the folder of a domain: letters, digits, '.', '_' and '-', with '/' between its parts,
// none of which begins with a dot.
bool IsPlainPath(absl::string_view path);

// One file of the folder, as text. Declarations are JSON here, whatever they were written in.
struct PackageFile {
  std::string path;  // in the folder, with '/' between its parts: "aggregates/order.js"
  std::string text;

  friend bool operator==(const PackageFile&, const PackageFile&) = default;
};

struct DomainPackage {
  std::string name;
  std::vector<PackageFile> declarations = {};  // by path
  // What declarations refer to: code, schemas. By path.
  std::vector<PackageFile> files = {};

  const PackageFile* FindFile(absl::string_view path) const;

  friend bool operator==(const DomainPackage&, const DomainPackage&) = default;
};

// SHA-256 of all of it in hexadecimal: the same package has the same.
std::string DigestOf(const DomainPackage& package);

}  // namespace nexus::domain
