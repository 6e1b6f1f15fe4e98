#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace minnow {

/// Appends `bytes` to `text` in base64 (RFC 4648, with padding).
void encode_base64(std::span<const std::byte> bytes, std::string& text);

/// How many bytes `text` holds. Throws where its length is not a multiple of four.
std::size_t decoded_size(std::string_view text);

/// Decodes `text` into `bytes`, which has decoded_size(text) bytes. Throws at a character that is not base64.
void decode_base64(std::string_view text, std::span<std::byte> bytes);

}  // namespace minnow
