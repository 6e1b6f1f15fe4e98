#include <array>
#include <cstdint>

#include <minnow/core/error.h>
#include <minnow/io/base64.h>

namespace minnow {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t kInvalid = 1u << 31;

// What each of the four characters of a group adds to its 24 bits; an invalid one sets the highest bit.
using Table = std::array<std::uint32_t, 256>;
constexpr Table table_of(int shift) {
  Table table{};
  table.fill(kInvalid);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint32_t>(i) << shift;
  }
  return table;
}
constexpr std::array<Table, 4> kTables = {table_of(18), table_of(12), table_of(6), table_of(0)};

std::uint32_t group(const char* text) {
  const auto* c = reinterpret_cast<const unsigned char*>(text);
  return kTables[0][c[0]] | kTables[1][c[1]] | kTables[2][c[2]] | kTables[3][c[3]];
}

std::size_t padding_of(std::string_view text) { return text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0; }

[[noreturn]] void fail_at_bad_character(std::string_view text) {
  const std::size_t at = text.substr(0, text.size() - padding_of(text)).find_first_not_of(kAlphabet);
  fail("character ", at, " of a base64 string is none of base64");
}

}  // namespace

void encode_base64(std::span<const std::byte> bytes, std::string& text) {
  const auto byte = [&](std::size_t i) {
    return i < bytes.size() ? static_cast<std::uint32_t>(bytes[i]) : std::uint32_t{0};
  };
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::uint32_t bits = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    text += kAlphabet[bits >> 18];
    text += kAlphabet[bits >> 12 & 63];
    text += i + 1 < bytes.size() ? kAlphabet[bits >> 6 & 63] : '=';
    text += i + 2 < bytes.size() ? kAlphabet[bits & 63] : '=';
  }
}

std::size_t decoded_size(std::string_view text) {
  if (text.size() % 4 != 0) fail("a base64 string of ", text.size(), " characters is no multiple of four");
  return text.size() / 4 * 3 - padding_of(text);
}

void decode_base64(std::string_view text, std::span<std::byte> bytes) {
  std::uint32_t seen = 0;
  std::byte* out = bytes.data();
  const std::size_t whole = bytes.size() / 3;
  const char* in = text.data();
  for (std::size_t i = 0; i < whole; ++i, in += 4, out += 3) {
    const std::uint32_t bits = group(in);
    seen |= bits;
    out[0] = static_cast<std::byte>(bits >> 16);
    out[1] = static_cast<std::byte>(bits >> 8);
    out[2] = static_cast<std::byte>(bits);
  }
  if (const std::size_t rest = bytes.size() % 3) {
    const char last[4] = {in[0], in[1], rest == 2 ? in[2] : 'A', 'A'};
    const std::uint32_t bits = group(last);
    seen |= bits;
    out[0] = static_cast<std::byte>(bits >> 16);
    if (rest == 2) out[1] = static_cast<std::byte>(bits >> 8);
  }
  if (seen & kInvalid) fail_at_bad_character(text);
}

}  // namespace minnow
