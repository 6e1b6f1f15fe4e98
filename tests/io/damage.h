#pragma once

#include <algorithm>
#include <random>

#include <io/pictures.h>

namespace minnow::test {

inline void expect_every_truncation_fails(const std::vector<std::byte>& bytes) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    // A copy of exactly that size, so that a sanitizer sees a read beyond its end.
    const std::vector<std::byte> part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_THROW(decode_image(part), Error) << size << " of " << bytes.size() << " bytes";
  }
}

/// Sets a few random bytes, many times: each result is either a picture or an Error. The seed is fixed.
inline void expect_damage_is_survived(const std::vector<std::byte>& bytes) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::byte> damaged = bytes;
    for (int i = 0; i <= round % 4; ++i) damaged[random() % damaged.size()] = static_cast<std::byte>(random());
    try {
      const Image image = decode_image(damaged, {.exif_orientation = true, .max_pixels = 1 << 20});
      EXPECT_EQ(image.pixels().size(), static_cast<std::size_t>(3 * image.width() * image.height()));
    } catch (const Error&) {
    }
  }
}

}  // namespace minnow::test
