#pragma once

// An encrypted connection. There is no way to talk to a server whose certificate is not believed.

#include <string>

namespace nexus::client {

// Texts in PEM, not names of files.
struct ClientTls {
  std::string
      ca{};  // who may have issued the server's certificate; empty: whom the system believes
  // What the client shows to say who it is: both or neither.
  std::string certificate{};
  std::string key{};
};

}  // namespace nexus::client
