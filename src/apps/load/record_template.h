// The text of generated records: literal text with placeholders, for `raudal load`. Record `index` of a seed is always
// the same but for the clock, whatever was sent before it and in which batches.
//
//   {"at": "{{now}}", "ticker": "{{t = choice AAPL|AMZN}}", "price": {{float 0 100 2}}}      and its key: {{t}}
//
//   {{choice A|B|C}}   one of these             {{index}}      number of the record, from 0
//   {{int LOW HIGH}}   both are possible        {{uuid}}       a random one
//   {{float LOW HIGH DIGITS}}                   {{now}}        2026-01-02T03:04:05.678901, UTC
//   {{name = …}}       the same, and keeps it   {{now_text}}   2026-01-02 03:04:05, UTC
//   {{name}}           what was kept            {{now_ms}}     milliseconds since 1970
//
// The placeholders of Amazon's data generator that the guide uses are understood as well: random.arrayElement([…]),
// random.number({"min":…,"max":…}), date.now.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/rng.h"

namespace raudal::apps {

// A record to send, and the key that chooses its shard.
struct GeneratedRecord {
  std::string data;
  std::string key;
};

// A parsed template of a record and of its key.
class RecordTemplate {
 public:
  // kInvalidRequest names the placeholder that is not understood.
  static Result<RecordTemplate> parse(std::string_view text, std::string_view key);

  GeneratedRecord render(uint64_t seed, uint64_t index, int64_t wall_us) const;

 private:
  enum class Kind { kLiteral, kChoice, kInt, kFloat, kIndex, kUuid, kNow, kNowText, kNowMs, kKept };
  struct Part {
    Kind kind = Kind::kLiteral;
    std::string text;  // of a literal; the name of what was kept
    std::vector<std::string> choices;
    int64_t low = 0;
    int64_t high = 0;
    double low_float = 0;
    double high_float = 0;
    int digits = 0;
    std::string keep_as;  // empty: not kept
  };
  using Kept = std::vector<std::pair<std::string, std::string>>;
  struct Moment {
    uint64_t index;
    int64_t wall_us;
  };

  static Result<std::vector<Part>> parse_parts(std::string_view text, std::vector<std::string>& names);
  static Result<Part> parse_placeholder(std::string_view inside, const std::vector<std::string>& names);
  static Result<Part> parse_call(std::string_view inside);
  static Result<Part> parse_simple(std::string_view inside);
  static Result<Part> parse_foreign(std::string_view inside);
  static std::string value_of(const Part& part, Rng& rng, const Moment& moment, const Kept& kept);
  static std::string render_parts(const std::vector<Part>& parts, Rng& rng, const Moment& moment, Kept& kept);

  std::vector<Part> text_;
  std::vector<Part> key_;
};

// A template that comes with the program.
struct NamedTemplate {
  std::string_view name;
  std::string_view description;
  std::string_view text;
  std::string_view key;
};

// All of them, in the order in which help shows them.
const std::vector<NamedTemplate>& named_templates();

}  // namespace raudal::apps
