#pragma once

// The bytes of one connection, in the clear or in TLS, as Beast's algorithms want them.
//
// Not thread-safe. Timeouts are those of the TCP connection below.

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <optional>
#include <utility>

#include "tls/server_context.h"

namespace nexus::http {

class Wire {
 public:
  using executor_type = boost::beast::tcp_stream::executor_type;

  // `context` null: in the clear.
  Wire(boost::asio::ip::tcp::socket socket, const tls::ServerContextPtr& context);

  bool encrypted() const { return tls_.has_value(); }
  // Of an encrypted one.
  const SSL* tls() { return tls_->native_handle(); }
  boost::beast::tcp_stream& tcp() { return encrypted() ? tls_->next_layer() : *plain_; }
  executor_type get_executor() { return tcp().get_executor(); }

  // These two of an encrypted one.
  template <typename Handler>
  void async_handshake(Handler&& handler) {
    tls_->async_handshake(boost::asio::ssl::stream_base::server, std::forward<Handler>(handler));
  }
  template <typename Handler>
  void async_shutdown(Handler&& handler) {
    tls_->async_shutdown(std::forward<Handler>(handler));
  }

  template <typename Buffers, typename Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (encrypted()) {
      tls_->async_read_some(buffers, std::forward<Handler>(handler));
    } else {
      plain_->async_read_some(buffers, std::forward<Handler>(handler));
    }
  }
  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (encrypted()) {
      tls_->async_write_some(buffers, std::forward<Handler>(handler));
    } else {
      plain_->async_write_some(buffers, std::forward<Handler>(handler));
    }
  }

 private:
  // One of them.
  std::optional<boost::beast::tcp_stream> plain_;
  std::optional<boost::asio::ssl::stream<boost::beast::tcp_stream>> tls_;
};

}  // namespace nexus::http
