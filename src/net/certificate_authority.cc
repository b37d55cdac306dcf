#include "net/certificate_authority.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/core.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/rng.h"

namespace raudal::net {
namespace {

constexpr int64_t kDay = 24 * 3600;
constexpr int64_t kAuthorityDays = 20 * 365;
constexpr int64_t kHostDays = 397;    // the longest that clients take
constexpr int64_t kBackdateDays = 1;  // for peers whose clock is behind
constexpr size_t kCommonNameMax = 64;

template <auto kFree>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Bio = std::unique_ptr<BIO, Freer<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;

Error openssl_error(const std::string& what) {
  char text[256] = "unknown";
  const unsigned long code = ::ERR_get_error();
  if (code != 0) ::ERR_error_string_n(code, text, sizeof(text));
  ::ERR_clear_error();
  return Error(ErrorCode::kInternal, fmt::format("{}: {}", what, text));
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

std::string pem_of(X509* certificate) {
  const Bio bio(::BIO_new(::BIO_s_mem()));
  CHECK(::PEM_write_bio_X509(bio.get(), certificate) == 1);
  return text_of(bio.get());
}

std::string pem_of(EVP_PKEY* key) {
  const Bio bio(::BIO_new(::BIO_s_mem()));
  CHECK(::PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return text_of(bio.get());
}

// A file that only its owner reads, there as a whole or not at all.
Status write_private_file(Fs& fs, const std::string& path, std::string_view bytes) {
  const std::string fresh = path + ".tmp";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written = fd >= 0 && ::fchmod(fd, 0600) == 0 &&
                       ::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) &&
                       ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!written) return Error(ErrorCode::kIo, fmt::format("Cannot write {}: {}", fresh, std::strerror(error)));
  TRY(fs.rename(fresh, path));
  return fs.sync_directory(parent_directory(path));
}

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

// What may stand in a certificate: nothing that could end one entry and begin another.
bool is_dns_name(const std::string& host) {
  if (host.empty() || host.size() > 253) return false;
  for (const char c : host) {
    const bool fine =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    if (!fine) return false;
  }
  return true;
}

// A certificate in the making: its subject, whom it is from, how long it holds.
struct Draft {
  X509* certificate;
  X509* issuer;  // itself for an authority

  bool extend(int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    ::X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(::X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    return extension && ::X509_add_ext(certificate, extension.get(), -1) == 1;
  }

  bool begin(const std::string& common_name, EVP_PKEY* key, int64_t now_s, int64_t days) {
    BIGNUM* raw = nullptr;
    ::BN_hex2bn(&raw, ("1" + secure_random_hex(15)).c_str());
    const Number serial(raw);
    X509_NAME* name = ::X509_get_subject_name(certificate);
    const auto* letters = reinterpret_cast<const unsigned char*>(common_name.c_str());
    return ::X509_set_version(certificate, X509_VERSION_3) == 1 &&
           ::BN_to_ASN1_INTEGER(serial.get(), ::X509_get_serialNumber(certificate)) != nullptr &&
           ::X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("Raudal"), -1,
                                        -1, 0) == 1 &&
           ::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, letters, -1, -1, 0) == 1 &&
           ::X509_set_issuer_name(certificate, ::X509_get_subject_name(issuer)) == 1 &&
           ::ASN1_TIME_set(::X509_getm_notBefore(certificate), now_s - kBackdateDays * kDay) != nullptr &&
           ::ASN1_TIME_set(::X509_getm_notAfter(certificate), now_s + days * kDay) != nullptr &&
           ::X509_set_pubkey(certificate, key) == 1;
  }
};

Key new_key() { return Key(::EVP_EC_gen("P-256")); }

class LocalAuthority final : public CertificateAuthority {
 public:
  LocalAuthority(Fs& fs, const Clock& clock, const std::string& directory)
      : fs_(fs), clock_(clock), path_(join_path(directory, "ca.pem")), key_path_(join_path(directory, "ca.key")) {}

  const std::string& certificate() const override { return pem_; }
  const std::string& certificate_path() const override { return path_; }

  // The key is written first: a certificate on the disk always has its key beside it.
  Status load_or_make() {
    if (exists(fs_, path_)) return load();
    TRY(fs_.make_directories(parent_directory(path_)));
    TRY(make());
    TRY(write_private_file(fs_, key_path_, pem_of(key_.get())));
    return write_file_durably(fs_, path_, pem_);
  }

  Result<HostCertificate> sign_for(const std::string& host) override {
    if (!is_address(host) && !is_dns_name(host)) {
      return Error(ErrorCode::kInvalidArgument, "Not the name of a host: " + host.substr(0, 300));
    }
    const Key key = new_key();
    const Certificate certificate(::X509_new());
    Draft draft{certificate.get(), certificate_.get()};
    const std::string common_name = host.size() <= kCommonNameMax ? host : "host";
    const bool signed_well = key && draft.begin(common_name, key.get(), clock_.wall_us() / 1'000'000, kHostDays) &&
                             draft.extend(NID_basic_constraints, "critical,CA:FALSE") &&
                             draft.extend(NID_key_usage, "critical,digitalSignature") &&
                             draft.extend(NID_ext_key_usage, "serverAuth") &&
                             draft.extend(NID_subject_key_identifier, "hash") &&
                             draft.extend(NID_authority_key_identifier, "keyid:always") &&
                             draft.extend(NID_subject_alt_name, names_of(host)) &&
                             ::X509_sign(certificate.get(), key_.get(), ::EVP_sha256()) > 0;
    if (!signed_well) return openssl_error("Cannot sign a certificate for " + host);
    return HostCertificate{.certificate = pem_of(certificate.get()), .key = pem_of(key.get())};
  }

 private:
  // Whoever asks for this machine may mean any of its own names.
  static std::string names_of(const std::string& host) {
    if (is_address(host)) return "DNS:localhost,IP:127.0.0.1,IP:::1,IP:" + host;
    if (host == "localhost") return "DNS:localhost,IP:127.0.0.1,IP:::1";
    return "DNS:" + host;
  }

  Status make() {
    key_ = new_key();
    certificate_.reset(::X509_new());
    Draft draft{certificate_.get(), certificate_.get()};
    // The random part keeps apart the authorities of two data directories that one client trusts.
    const std::string name = "Raudal local authority " + secure_random_hex(4);
    const bool made = key_ && draft.begin(name, key_.get(), clock_.wall_us() / 1'000'000, kAuthorityDays) &&
                      draft.extend(NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                      draft.extend(NID_key_usage, "critical,keyCertSign,cRLSign") &&
                      draft.extend(NID_subject_key_identifier, "hash") &&
                      ::X509_sign(certificate_.get(), key_.get(), ::EVP_sha256()) > 0;
    if (!made) return openssl_error("Cannot make a certificate authority");
    pem_ = pem_of(certificate_.get());
    return {};
  }

  Status load() {
    pem_ = TRY(read_file(fs_, path_));
    const std::string key = TRY(read_file(fs_, key_path_));
    const Bio certificate_bio(::BIO_new_mem_buf(pem_.data(), static_cast<int>(pem_.size())));
    const Bio key_bio(::BIO_new_mem_buf(key.data(), static_cast<int>(key.size())));
    certificate_.reset(::PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr));
    key_.reset(::PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
    if (certificate_ && key_ && ::X509_check_private_key(certificate_.get(), key_.get()) == 1) return {};
    ::ERR_clear_error();
    return Error(ErrorCode::kCorrupt, fmt::format("Certificate and key do not belong together; remove both, and a new "
                                                  "authority is made, which clients must trust anew: {} and {}",
                                                  path_, key_path_));
  }

  Fs& fs_;
  const Clock& clock_;
  const std::string path_;
  const std::string key_path_;
  std::string pem_;
  // Read by many threads after the start, changed by none.
  Certificate certificate_;
  Key key_;
};

}  // namespace

Result<std::unique_ptr<CertificateAuthority>> CertificateAuthority::open(Fs& fs, const Clock& clock,
                                                                         const std::string& directory) {
  auto authority = std::make_unique<LocalAuthority>(fs, clock, directory);
  TRY(authority->load_or_make());
  return std::unique_ptr<CertificateAuthority>(std::move(authority));
}

}  // namespace raudal::net
