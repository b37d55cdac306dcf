#include "net/tls_stream.h"

#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <mutex>
#include <utility>

#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "base/str.h"
#include "net/timed_socket.h"

namespace raudal::net {
namespace {

constexpr size_t kNamesMax = 1000;
constexpr int64_t kRenewBeforeS = 30 * 24 * 3600;
constexpr size_t kWriteBytesMax = 64 << 10;  // of one step

template <auto kFree>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Bio = std::unique_ptr<BIO, Freer<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Session = std::unique_ptr<SSL, Freer<SSL_free>>;

std::string last_error() {
  char text[256] = "the peer is gone";
  const unsigned long code = ::ERR_get_error();
  if (code != 0) ::ERR_error_string_n(code, text, sizeof(text));
  ::ERR_clear_error();
  return text;
}

// OpenSSL's own socket BIO writes with write(2), which raises SIGPIPE when the peer has gone.
int socket_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const int fd = static_cast<int>(reinterpret_cast<intptr_t>(::BIO_get_data(bio)));
  const ssize_t n = ::send(fd, data, static_cast<size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(n);
}

int socket_read(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  const int fd = static_cast<int>(reinterpret_cast<intptr_t>(::BIO_get_data(bio)));
  const ssize_t n = ::recv(fd, data, static_cast<size_t>(size), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_read(bio);
  return static_cast<int>(n);
}

long socket_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO_METHOD* make_socket_method() {
  BIO_METHOD* method = ::BIO_meth_new(BIO_TYPE_SOURCE_SINK, "raudal socket");
  ::BIO_meth_set_write(method, socket_write);
  ::BIO_meth_set_read(method, socket_read);
  ::BIO_meth_set_ctrl(method, socket_control);
  return method;
}

BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = make_socket_method();
  return method;
}

class SslStream final : public TlsStream {
 public:
  SslStream(Session session, int fd, std::string local_name)
      : socket_(fd), local_name_(std::move(local_name)), session_(std::move(session)) {
    BIO* bio = ::BIO_new(socket_method());
    ::BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(fd)));
    ::BIO_set_init(bio, 1);
    ::SSL_set_bio(session_.get(), bio, bio);
    SSL_set_app_data(session_.get(), this);
    ::SSL_set_accept_state(session_.get());
  }

  int fd() const override { return socket_.fd(); }
  const std::string& local_name() const { return local_name_; }

  std::string_view protocol() const override {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    ::SSL_get0_alpn_selected(session_.get(), &name, &size);
    return std::string_view(reinterpret_cast<const char*>(name), size);
  }

  Status handshake(int timeout_ms) override {
    const int64_t deadline_ms = monotonic_ms() + timeout_ms;
    while (true) {
      const int rc = ::SSL_do_handshake(session_.get());
      if (rc == 1) return {};
      const short events = events_after(rc);
      if (events == 0) {
        failed_ = true;
        return Error(ErrorCode::kInvalidRequest, "TLS handshake failed: " + last_error());
      }
      // One deadline for all of it: a byte now and then is no progress.
      TRY(wait_until_ready(fd(), events, static_cast<int>(std::max<int64_t>(0, deadline_ms - monotonic_ms()))));
    }
  }

  Result<StreamStep> try_read(std::span<char> buffer) override {
    if (failed_) return Error(ErrorCode::kIo, "TLS connection has failed");
    size_t n = 0;
    const int rc = ::SSL_read_ex(session_.get(), buffer.data(), buffer.size(), &n);
    if (rc == 1) return StreamStep{n, 0};
    if (const short events = events_after(rc)) return StreamStep{0, events};
    if (::SSL_get_error(session_.get(), rc) == SSL_ERROR_ZERO_RETURN) return StreamStep{};
    failed_ = true;
    return Error(ErrorCode::kIo, "TLS connection failed at read: " + last_error());
  }

  Result<StreamStep> try_write(std::string_view bytes) override {
    if (failed_) return Error(ErrorCode::kIo, "TLS connection has failed");
    size_t n = 0;
    const int rc = ::SSL_write_ex(session_.get(), bytes.data(), std::min(bytes.size(), kWriteBytesMax), &n);
    if (rc == 1) return StreamStep{n, 0};
    if (const short events = events_after(rc)) return StreamStep{0, events};
    failed_ = true;
    return Error(ErrorCode::kIo, "TLS connection failed at write: " + last_error());
  }

  void end_output() override {
    if (!failed_ && ::SSL_is_init_finished(session_.get())) ::SSL_shutdown(session_.get());
    ::ERR_clear_error();
    ::shutdown(fd(), SHUT_WR);
  }

 private:
  short events_after(int rc) const {
    switch (::SSL_get_error(session_.get(), rc)) {
      case SSL_ERROR_WANT_READ: return POLLIN;
      case SSL_ERROR_WANT_WRITE: return POLLOUT;
      default: return 0;
    }
  }

  TimedSocket socket_;
  const std::string local_name_;
  Session session_;
  bool failed_ = false;  // after a fatal error OpenSSL must not be asked again
};

class SslContext final : public TlsContext {
 public:
  SslContext(CertificateAuthority& authority, const Clock& clock) : authority_(authority), clock_(clock) {}

  Status open() {
    context_.reset(::SSL_CTX_new(::TLS_server_method()));
    if (!context_) return Error(ErrorCode::kInternal, "Cannot make a TLS context: " + last_error());
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_mode(context_.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    ::SSL_CTX_set_options(context_.get(),
                          SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
    const unsigned char session_context[] = "raudal";
    ::SSL_CTX_set_session_id_context(context_.get(), session_context, sizeof(session_context) - 1);
    ::SSL_CTX_set_alpn_select_cb(context_.get(), choose_protocol, nullptr);
    ::SSL_CTX_set_cert_cb(context_.get(), choose_certificate, this);
    return {};
  }

  std::unique_ptr<TlsStream> accept(int fd, std::string local_name) override {
    Session session(::SSL_new(context_.get()));
    CHECK(session != nullptr);
    return std::make_unique<SslStream>(std::move(session), fd, std::move(local_name));
  }

 private:
  struct Identity {
    Certificate certificate;
    Key key;
    int64_t renew_at_s = 0;
  };

  static int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                             unsigned in_size, void*) {
    static constexpr unsigned char kOurs[] = "\x02h2\x08http/1.1";
    unsigned char* chosen = nullptr;
    const int rc = ::SSL_select_next_proto(&chosen, out_size, kOurs, sizeof(kOurs) - 1, in, in_size);
    if (rc != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;  // then HTTP/1.1 it is
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
  }

  // OpenSSL asks when it knows what the client wants.
  static int choose_certificate(SSL* session, void* raw) {
    auto& self = *static_cast<SslContext*>(raw);
    const auto& stream = *static_cast<const SslStream*>(SSL_get_app_data(session));
    const char* asked = ::SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
    std::string name = to_lower(asked ? asked : "");
    while (name.ends_with('.')) name.pop_back();
    if (name.empty()) name = stream.local_name();
    return self.use(session, name) ? 1 : 0;
  }

  bool use(SSL* session, const std::string& name) {
    std::lock_guard lock(mutex_);
    const int64_t now_s = clock_.wall_us() / 1'000'000;
    auto found = identities_.find(name);
    if (found == identities_.end() || found->second.renew_at_s <= now_s) {
      auto made = make_identity(name, now_s);
      if (!made.ok()) return false;
      if (identities_.size() >= kNamesMax) identities_.clear();  // what is needed is made again
      found = identities_.insert_or_assign(name, *std::move(made)).first;
    }
    return ::SSL_use_certificate(session, found->second.certificate.get()) == 1 &&
           ::SSL_use_PrivateKey(session, found->second.key.get()) == 1;
  }

  Result<Identity> make_identity(const std::string& name, int64_t now_s) {
    const HostCertificate pem = TRY(authority_.sign_for(name));
    const Bio certificate(::BIO_new_mem_buf(pem.certificate.data(), static_cast<int>(pem.certificate.size())));
    const Bio key(::BIO_new_mem_buf(pem.key.data(), static_cast<int>(pem.key.size())));
    Identity identity;
    identity.certificate.reset(::PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr));
    identity.key.reset(::PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr));
    CHECK(identity.certificate && identity.key);
    tm end{};
    CHECK(::ASN1_TIME_to_tm(::X509_get0_notAfter(identity.certificate.get()), &end) == 1);
    identity.renew_at_s = std::max(now_s + 1, int64_t{::timegm(&end)} - kRenewBeforeS);
    return identity;
  }

  CertificateAuthority& authority_;
  const Clock& clock_;
  Context context_;
  std::mutex mutex_;
  std::map<std::string, Identity> identities_;
};

}  // namespace

Result<std::unique_ptr<TlsContext>> TlsContext::make(CertificateAuthority& authority, const Clock& clock) {
  auto context = std::make_unique<SslContext>(authority, clock);
  TRY(context->open());
  return std::unique_ptr<TlsContext>(std::move(context));
}

}  // namespace raudal::net
