#include "cli/session.h"

#include "nexus/core/status_macros.h"

namespace nexus::cli {

absl::StatusOr<client::Client*> Session::Connect() {
  if (client_ == nullptr) {
    client::ClientOptions options;
    options.server = settings_.server;
    options.token = settings_.token;
    options.tls = settings_.tls;
    options.timeout = settings_.timeout;
    NEXUS_ASSIGN_OR_RETURN(client_, client::Client::Connect(std::move(options), clock(), ids()));
    watch_ = std::make_unique<StopSignal::Watch>(stop(), [this] { client_->Cancel(); });
    if (settings_.verbose) {
      err() << "server " << settings_.server
            << (settings_.context.empty() ? "" : ", context " + settings_.context)
            << (settings_.tls.has_value() ? ", encrypted" : "")
            << (settings_.token.empty() ? ", no token\n" : ", with a token\n");
    }
  }
  return client_.get();
}

void Session::Note(const std::string& text) {
  if (!settings_.quiet) err() << text << std::endl;
}

}  // namespace nexus::cli
