#include "codec/digest.h"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "codec/zstd.h"

namespace raudal::codec {
namespace {

constexpr std::string_view kCheck = "123456789";  // every CRC is published for this text

TEST(Digest, known_answers) {
  EXPECT_EQ(hex(md5("")), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(crc32(kCheck), 0xCBF43926u);
  EXPECT_EQ(crc32c(kCheck), 0xE3069283u);
  EXPECT_EQ(crc64nvme(kCheck), 0xAE8B14860A799888ull);
  EXPECT_EQ(xxh3_64(""), 0x2D06800538D394C2ull);
}

TEST(Digest, pieces_give_the_same_as_the_whole) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += static_cast<char>(i * 7 + i / 13);
  for (const DigestKind kind : {DigestKind::kMd5, DigestKind::kSha1, DigestKind::kSha256, DigestKind::kCrc32,
                                DigestKind::kCrc32c, DigestKind::kCrc64Nvme, DigestKind::kXxh3}) {
    Digest whole(kind);
    whole.update(text);
    Digest pieces(kind);
    pieces.update(text.substr(0, 1));
    pieces.update(text.substr(1, 18));
    pieces.update(text.substr(19));
    EXPECT_EQ(hex(whole.finish()), hex(pieces.finish())) << static_cast<int>(kind);
  }
  EXPECT_EQ(crc64nvme(text.substr(3), crc64nvme(text.substr(0, 3))), crc64nvme(text));
}

TEST(Digest, crc_bytes_are_big_endian) {
  Digest digest(DigestKind::kCrc32);
  digest.update(kCheck);
  EXPECT_EQ(hex(digest.finish()), "cbf43926");
}

TEST(Digest, hex_goes_both_ways) {
  EXPECT_EQ(unhex(hex("\x01\xfe")).value(), "\x01\xfe");
  EXPECT_FALSE(unhex("abc").ok());
  EXPECT_FALSE(unhex("zz").ok());
}

TEST(Digest, constant_time_comparison_compares) {
  EXPECT_TRUE(equal_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_constant_time("abc", "ab"));
}

TEST(Base64, known_answers_both_ways) {
  for (const auto& [plain, text] : std::vector<std::pair<std::string, std::string>>{
           {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}, {"\xff\xfe", "//4="}}) {
    EXPECT_EQ(base64_encode(plain), text);
    EXPECT_EQ(base64_decode(text).value(), plain);
  }
}

TEST(Base64, bad_text_is_refused) {
  for (const char* text : {"A", "AB=A", "A===", "====", "Zg==Zg==", "Z h=", "Zh==", "Zm9="}) {
    EXPECT_FALSE(base64_decode(text).ok()) << text;
  }
}

TEST(Zstd, goes_both_ways_within_its_limit) {
  const std::string text(100'000, 'x');
  const std::string frame = zstd_compress(text);
  EXPECT_LT(frame.size(), 1000u);
  EXPECT_EQ(zstd_decompress(frame, text.size()).value(), text);
  EXPECT_EQ(zstd_decompress(frame, text.size() - 1).error().code(), ErrorCode::kCorrupt);
  EXPECT_FALSE(zstd_decompress(frame.substr(0, frame.size() - 1), text.size()).ok());
  EXPECT_FALSE(zstd_decompress("no frame", 100).ok());
}

}  // namespace
}  // namespace raudal::codec
