#include <cstring>

#include <minnow/ops/strided.h>

namespace minnow::detail {
namespace {

template <class T>
void copy(const Shape& shape, const std::byte* from, const Strides& from_strides, std::byte* to,
          const Strides& to_strides) {
  const auto* source = reinterpret_cast<const T*>(from);
  auto* target = reinterpret_cast<T*>(to);
  for_each_row<2>(shape, {from_strides, to_strides}, [&](const auto& at, const auto& step, std::int64_t count) {
    const T* x = source + at[0];
    T* y = target + at[1];
    if (step[0] == 1 && step[1] == 1) {
      std::memcpy(y, x, static_cast<std::size_t>(count) * sizeof(T));
    } else {
      with_constant_steps(step, [&](auto x_next, auto y_next) {
        for (std::int64_t i = 0; i < count; ++i) y[i * y_next] = x[i * x_next];
      });
    }
  });
}

}  // namespace

void strided_copy(const Shape& shape, DType dtype, const std::byte* from, const Strides& from_strides, std::byte* to,
                  const Strides& to_strides) {
  if (dtype == DType::float32) {
    copy<float>(shape, from, from_strides, to, to_strides);
  } else {
    copy<std::int64_t>(shape, from, from_strides, to, to_strides);
  }
}

}  // namespace minnow::detail
