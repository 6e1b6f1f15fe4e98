#include <algorithm>

#include <minnow/core/error.h>
#include <minnow/io/source.h>

namespace minnow {
namespace {

constexpr std::size_t kWindowSize = 1 << 16;
constexpr std::uint64_t kLongestGap = 4 << 20;  // all labels may be one string, in safetensors

}  // namespace

Source::Source(InputFile& file) : file_(&file), buffer_(kWindowSize) {}

Source::Source(std::string_view text) : rest_(text) {}

bool Source::refill() {
  before_ = offset();
  if (before_ - settled_ > kLongestGap) fail("the text has no value for more than ", kLongestGap >> 20, " MiB");
  if (file_) {
    begin_ = buffer_.data();
    end_ = begin_ + file_->read(buffer_);
  } else {
    begin_ = rest_.data();
    end_ = begin_ + std::min(rest_.size(), kWindowSize);
    rest_.remove_prefix(static_cast<std::size_t>(end_ - begin_));
  }
  next_ = begin_;
  return next_ != end_;
}

}  // namespace minnow
