#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include <minnow/core/error.h>
#include <minnow/io/json.h>
#include <minnow/io/safetensors_dtype.h>

namespace minnow {
namespace {

struct Half {
  std::uint16_t bits;

  explicit operator float() const {
    const std::uint32_t sign = (bits & 0x8000u) << 16, exponent = bits >> 10 & 31u, fraction = bits & 1023u;
    if (exponent == 0) return std::copysign(std::ldexp(static_cast<float>(fraction), -24), sign ? -1.0f : 1.0f);
    const std::uint32_t wide = exponent == 31 ? 255 : exponent + 112;
    return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
  }
};

struct BFloat16 {
  std::uint16_t bits;

  explicit operator float() const { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }
};

template <class From, class To>
void convert(std::span<const std::byte> bytes, Tensor& tensor) {
  const std::byte* next = bytes.data();
  for (To& element : tensor.span<To>()) {
    From value;
    std::memcpy(&value, next, sizeof(From));
    next += sizeof(From);
    element = static_cast<To>(value);
  }
}

template <class From, class To>
constexpr StoredType converted() {
  return {sizeof(From), dtype_of<To>, convert<From, To>};
}

struct Named {
  std::string_view name;
  StoredType type;
};

constexpr Named kTypes[] = {
    {"F32", {4, DType::float32, nullptr}},
    {"I64", {8, DType::int64, nullptr}},
    {"F64", converted<double, float>()},
    {"F16", converted<Half, float>()},
    {"BF16", converted<BFloat16, float>()},
    {"I32", converted<std::int32_t, std::int64_t>()},
    {"I16", converted<std::int16_t, std::int64_t>()},
    {"I8", converted<std::int8_t, std::int64_t>()},
    {"U32", converted<std::uint32_t, std::int64_t>()},
    {"U16", converted<std::uint16_t, std::int64_t>()},
    {"U8", converted<std::uint8_t, std::int64_t>()},
    {"BOOL", converted<std::uint8_t, std::int64_t>()},
};

}  // namespace

StoredType stored_type(std::string_view name) {
  for (const Named& known : kTypes) {
    if (known.name == name) return known.type;
  }
  fail("the dtype \"", shown(name), "\" is not one that can be read");
}

}  // namespace minnow
