// Values as Flink's SQL client prints them (tools/flink/oracle prints the same): NULL is <NULL>, TIMESTAMP(3)
// "2026-01-01 00:00:10.000", ROW "(1, x)" … Used by print, `raudal sql` and tests. CAST to STRING writes values the
// same way (append_text) but for bytes, which it takes as UTF-8.
#pragma once

#include <string>
#include <string_view>

#include "column/batch.h"
#include "column/time_zone.h"

namespace raudal::column {

// The zone is that of the session: TIMESTAMP_LTZ is shown in it.
std::string print_value(const Column& column, size_t row, const TimeZone& zone = {});
// "+I", "-U", "+U", "-D".
std::string_view print_change_kind(ChangeKind kind);

// How bytes (BINARY, VARBINARY) are written.
enum class BytesAs { kHex, kText };
// The text of a value, NULL as "NULL" (within a ROW, ARRAY or MAP).
void append_text(const Column& column, size_t row, const TimeZone& zone, BytesAs bytes, std::string* out);

// The parts, for formats and casts. Doubles as Java writes them: "1.0", "1.0E-7", "NaN", "Infinity".
void append_double(double value, std::string* out);
void append_float(float value, std::string* out);
void append_decimal(__int128 unscaled, int scale, std::string* out);
void append_date(int64_t days, std::string* out);
void append_time(int64_t ms_of_day, int precision, std::string* out);
void append_timestamp(int64_t local_us, int precision, std::string* out);  // 'yyyy-MM-dd HH:mm:ss[.f…]'

}  // namespace raudal::column
