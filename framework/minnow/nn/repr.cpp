#include <charconv>

#include <minnow/nn/repr.h>

namespace minnow::nn {

std::string repr(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::general).ptr;
  const std::string digits(text, end);
  return digits.find_first_of(".en") == std::string::npos ? digits + ".0" : digits;
}

std::string repr(const Pair& pair) { return pair.single && pair.h == pair.w ? str(pair.h) : str(pair); }

std::string repr(const OutputSize& size) { return size.single && size.h == size.w ? str(*size.h) : str(size); }

std::string repr(const ScaleFactor& factor) {
  if (factor.single && factor.h == factor.w) return repr(factor.h);
  return '(' + repr(factor.h) + ", " + repr(factor.w) + ')';
}

}  // namespace minnow::nn
