#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <minnow/io/file.h>

namespace minnow {

/// The characters of a file or of bytes in memory, a window at a time.
class Source {
 public:
  /// Reads from where `file` stands; `file` must outlive the source.
  explicit Source(InputFile& file);
  explicit Source(std::string_view text);
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  /// What comes next: the first 64 KiB before anything was taken.
  std::string_view window() { return done() ? std::string_view() : std::string_view(next_, end_); }

  bool done() { return next_ == end_ && !refill(); }
  /// The next character. Only where the source is not done.
  char take() { return *next_++; }
  /// Takes the window. Empty where the source is done.
  std::string_view take_window() {
    const std::string_view taken = window();
    next_ = end_;
    return taken;
  }

  /// The number of characters that were taken.
  std::uint64_t offset() const { return before_ + static_cast<std::uint64_t>(next_ - begin_); }

  /// Says that what was taken makes sense. Where nobody says so for long, `done` throws: what is in the way of a
  /// file's next value is garbage, or a string that nobody could want in memory.
  void settle() { settled_ = offset(); }

 private:
  bool refill();

  InputFile* file_ = nullptr;
  std::string_view rest_;
  std::vector<char> buffer_;
  const char *begin_ = nullptr, *next_ = nullptr, *end_ = nullptr;
  std::uint64_t before_ = 0, settled_ = 0;
};

}  // namespace minnow
