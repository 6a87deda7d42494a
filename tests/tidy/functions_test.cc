#include "tidy/functions.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tidy/source_tree.h"

namespace nexus::tidy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int kLinesMax = 70;

std::vector<std::string> Found(absl::string_view text) {
  std::vector<std::string> out;
  for (const FunctionExtent& f : FindFunctions(text)) {
    out.push_back(absl::StrCat(f.name, " ", f.first_line, "+", f.lines));
  }
  return out;
}

std::string Lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "  f();\n";
  return text;
}

TEST(FunctionScanner, FindsFreeFunctionsMethodsAndTests) {
  EXPECT_THAT(Found("namespace a::b {\n"
                    "int Free(int x) {\n  return x;\n}\n"
                    "class C final : public D {\n public:\n  C() : a_(1), b_{2} {\n  }\n"
                    "  int Get() const override { return a_; }\n  int a_{3};\n};\n"
                    "bool C::operator==(const C& o) const {\n  return true;\n}\n"
                    "TEST(Suite, Name) {\n}\n}"),
              ElementsAre("Free 2+3", "C 7+2", "Get 9+1", "C::operator== 12+3", "TEST 15+2"));
}

TEST(FunctionScanner, CountsADeclarationOfSeveralLines) {
  EXPECT_THAT(Found("template <typename T, typename U = int>\nstd::vector<T> Make(\n    T a,\n"
                    "    U b) {\n  return {a, b};\n}\n"),
              ElementsAre("Make 1+6"));
}

TEST(FunctionScanner, IgnoresBracesInTextCommentsAndDirectives) {
  EXPECT_THAT(Found("#define OPEN {\\\n {\nvoid A() {\n  f(\"}\"); g('}');  // }\n  /* } */ "
                    "h(R\"x(})\"})x\");\n  n = 1'000;\n}\nvoid B() {}\n"),
              ElementsAre("A 3+5", "B 8+1"));
}

TEST(FunctionScanner, IsNotMisledByTables) {
  EXPECT_THAT(
      Found("enum class E { kA, kB };\nconst int kTable[] = {\n 1, 2};\n"
            "const std::map<int, int> m = Make({{1, 2}});\nauto f = [](int x) {\n  return x;\n"
            "};\nstruct S { int a = 0; };\n"),
      ElementsAre("[] 5+3"));
}

TEST(FunctionScanner, FindsAPlantedLongFunction) {
  const std::string text = "int x;\n\nvoid Long() {\n" + Lines(kLinesMax) + "}\n";
  EXPECT_THAT(CheckFunctionLengths("a.cc", text, kLinesMax),
              ElementsAre(Finding{"a.cc", 3, "Long has 72 lines, 70 are allowed"}));
  const std::string fits = "void Fits() {\n" + Lines(kLinesMax - 2) + "}\n";
  EXPECT_THAT(CheckFunctionLengths("a.cc", fits, kLinesMax), IsEmpty());
}

TEST(FunctionScanner, FindsALongMethodAfterAccessLabels) {
  const std::string text = "class C {\n public:\n  void Long() {\n" + Lines(kLinesMax) + "}\n};\n";
  EXPECT_THAT(CheckFunctionLengths("a.h", text, kLinesMax),
              ElementsAre(Finding{"a.h", 3, "Long has 72 lines, 70 are allowed"}));
}

TEST(FunctionScanner, EndsOnTextThatNeverCloses) {
  EXPECT_THAT(Found("void A() { (((\n"), ElementsAre("A 1+1"));
  EXPECT_THAT(Found("R\"("), IsEmpty());
  EXPECT_THAT(Found("\"\\"), IsEmpty());
}

TEST(Repository, FunctionsFitAScreen) {
  for (const SourceFile& file : ReadSourceTree(SourceRoot())) {
    if (!file.IsCpp()) continue;
    EXPECT_THAT(CheckFunctionLengths(file.path, file.text, kLinesMax), IsEmpty());
  }
}

}  // namespace
}  // namespace nexus::tidy
