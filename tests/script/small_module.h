#pragma once

// A WebAssembly module by hand, with one function for each thing that a host must cope with.

#include <string>
#include <utility>
#include <vector>

namespace nexus::script {

class SmallModule {
 public:
  // imports env.memory and env.host(i32) -> i32; exports
  //   add(a, b)    their sum
  //   ask(x)       host(x)
  //   load(at)     the byte there
  //   grow(pages)  what memory.grow says
  //   spin()       never returns
  //   dive()       calls itself for ever
  //   trap()       executes "unreachable"
  static std::string Bytes() {
    std::string types = Vector({Type(2), Type(1), Type(0)});
    std::string imports = Vector({Name("env") + Name("memory") + std::string("\x02\x00\x01", 3),
                                  Name("env") + Name("host") + std::string("\x00\x01", 2)});
    std::string functions("\x07\x00\x01\x01\x01\x02\x02\x02", 8);
    std::string exports =
        Vector({Export("add", 1), Export("ask", 2), Export("load", 3), Export("grow", 4),
                Export("spin", 5), Export("dive", 6), Export("trap", 7)});
    std::string code = Vector({
        Body({0x20, 0, 0x20, 1, 0x6a}),              // local.get 0, local.get 1, i32.add
        Body({0x20, 0, 0x10, 0}),                    // local.get 0, call host
        Body({0x20, 0, 0x2d, 0, 0}),                 // local.get 0, i32.load8_u
        Body({0x20, 0, 0x40, 0}),                    // local.get 0, memory.grow
        Body({0x03, 0x40, 0x0c, 0, 0x0b, 0x41, 0}),  // loop br 0 end, i32.const 0
        Body({0x10, 6}),                             // call dive
        Body({0x00}),                                // unreachable
    });
    return std::string("\0asm\1\0\0\0", 8) + Section(1, types) + Section(2, imports) +
           Section(3, functions) + Section(7, exports) + Section(10, code);
  }

 private:
  static std::string Sized(const std::string& bytes) {
    return static_cast<char>(bytes.size()) + bytes;
  }
  static std::string Vector(const std::vector<std::string>& items) {
    std::string bytes(1, static_cast<char>(items.size()));
    for (const std::string& item : items) bytes += item;
    return bytes;
  }
  // So many integers to one.
  static std::string Type(size_t parameters) {
    return "\x60" + Sized(std::string(parameters, '\x7f')) + "\x01\x7f";
  }
  static std::string Name(const std::string& name) { return Sized(name); }
  static std::string Export(const std::string& name, int function) {
    return Name(name) + '\0' + static_cast<char>(function);
  }
  static std::string Body(const std::vector<int>& instructions) {
    std::string bytes(1, '\0');  // no locals
    for (const int byte : instructions) bytes.push_back(static_cast<char>(byte));
    return Sized(bytes + '\x0b');
  }
  static std::string Section(int id, const std::string& content) {
    return static_cast<char>(id) + Sized(content);
  }
};

}  // namespace nexus::script
