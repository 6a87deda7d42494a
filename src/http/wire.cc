#include "http/wire.h"

#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>

namespace nexus::http {

Wire::Wire(boost::asio::ip::tcp::socket socket, const tls::ServerContextPtr& context) {
  if (context == nullptr) {
    plain_.emplace(std::move(socket));
    return;
  }
  SSL_CTX_up_ref(context.get());  // for Asio's object, which frees what it is given
  boost::asio::ssl::context shared(context.get());
  tls_.emplace(boost::beast::tcp_stream(std::move(socket)), shared);
}

}  // namespace nexus::http
