#pragma once

// Takes connections and keeps those that are open. Lives on the server's thread.

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "http/session.h"

namespace nexus::http {

class Listener : public std::enable_shared_from_this<Listener> {
 public:
  // `site` must outlive the listener and its connections.
  Listener(boost::asio::ip::tcp::acceptor acceptor, Site& site);

  void Listen();
  // Takes no more and closes all that are open; the thread then has nothing left to do.
  void Close();

 private:
  void Take(boost::system::error_code error, boost::asio::ip::tcp::socket socket);
  void RestAndListen();

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer rest_;
  Site& site_;
  bool closed_ = false;
};

}  // namespace nexus::http
