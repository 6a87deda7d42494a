// policy_bundler FOLDER OPA FILE: compiles the policies in FOLDER by the program OPA into FILE. A
// tool of the build; users have `nexusctl policy build`.

#include <cstdio>
#include <fstream>
#include <string>

#include "policy/opa/bundle_build.h"

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: policy_bundler FOLDER OPA FILE\n");
    return 2;
  }
  const absl::StatusOr<std::string> bundle = nexus::policy::BuildBundle(argv[1], argv[2]);
  if (!bundle.ok()) {
    std::fprintf(stderr, "%s\n", std::string(bundle.status().message()).c_str());
    return 1;
  }
  std::ofstream out(argv[3], std::ios::binary);
  out << *bundle;
  out.close();
  return out ? 0 : 1;
}
