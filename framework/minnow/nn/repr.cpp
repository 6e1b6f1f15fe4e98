#include <charconv>
#include <cmath>

#include <minnow/nn/repr.h>

namespace minnow::nn {

std::string repr(double value) {
  // As Python: an exponent below 1e-4 and from 1e16 on.
  const double size = std::abs(value);
  const bool fixed = size == 0 || (size >= 1e-4 && size < 1e16);
  char text[32];
  const auto end =
      std::to_chars(text, text + sizeof text, value, fixed ? std::chars_format::fixed : std::chars_format::scientific)
          .ptr;
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
