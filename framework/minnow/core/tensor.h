#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include <minnow/core/dims.h>
#include <minnow/core/export.h>
#include <minnow/core/saturate.h>
#include <minnow/core/shape.h>

namespace minnow {

/// Computation is float32; int64 is for counters, labels and indices.
enum class DType : std::uint8_t { float32, int64 };

constexpr std::int64_t size_of(DType dtype) { return dtype == DType::float32 ? 4 : 8; }
constexpr const char* name_of(DType dtype) { return dtype == DType::float32 ? "float32" : "int64"; }
MINNOW_API std::ostream& operator<<(std::ostream& out, DType dtype);

template <class T>
inline constexpr DType dtype_of = [] {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, std::int64_t>, "tensors hold float or std::int64_t");
  return std::is_same_v<T, float> ? DType::float32 : DType::int64;
}();

/// What a listener behind the door (a tracer, a tape) hangs on a tensor. A tensor with a symbol and no data is
/// symbolic: it stands for a value that a plan will compute.
struct MINNOW_API Symbol {
  Symbol() = default;
  /// Of the result of an op.
  explicit Symbol(std::string_view op) : made_by(op) {}
  virtual ~Symbol() = default;

  const std::string made_by;  // empty where there is none
};

/// A handle to a contiguous, row-major array of up to eight dimensions. Copying a Tensor copies the handle: both see
/// the same elements, as in torch; `clone` copies the elements. Constness is the handle's, too. Computation lives in
/// <minnow/ops/...>; the members declared under "Operations" are the same functions, defined there.
class MINNOW_API Tensor {
 public:
  /// Undefined: no shape, no elements.
  Tensor() = default;
  /// A tensor over memory that `data` keeps alive. The pointer is aligned as an element is.
  Tensor(const Shape& shape, DType dtype, std::shared_ptr<std::byte> data);
  /// A tensor without data that stands for a value to be computed.
  Tensor(const Shape& shape, DType dtype, std::shared_ptr<Symbol> symbol);

  bool defined() const { return record_ != nullptr; }
  const Shape& shape() const { return record().shape; }
  /// The size of dimension `i`; negative counts from the end.
  std::int64_t dim(int i) const { return shape()[i]; }
  int rank() const { return shape().rank(); }
  std::int64_t numel() const { return shape().numel(); }
  DType dtype() const { return record().dtype; }
  std::int64_t nbytes() const { return saturating_mul(numel(), size_of(dtype())); }

  /// The elements, row-major. T is float (the default) or std::int64_t and must be the tensor's dtype. They live as
  /// long as a handle to them does: `for (float p : softmax(x, 1).span())` reads what is gone.
  template <class T = float>
  T* data() {
    return static_cast<T*>(raw(dtype_of<T>));
  }
  template <class T = float>
  const T* data() const {
    return static_cast<const T*>(raw(dtype_of<T>));
  }
  template <class T = float>
  std::span<T> span() {
    return {data<T>(), static_cast<std::size_t>(numel())};
  }
  template <class T = float>
  std::span<const T> span() const {
    return {data<T>(), static_cast<std::size_t>(numel())};
  }
  /// The element at `index`, one number per dimension, negative from the end. Throws where it is out of range.
  template <class T = float>
  T& at(std::initializer_list<std::int64_t> index) {
    return data<T>()[offset_of(index)];
  }
  template <class T = float>
  const T& at(std::initializer_list<std::int64_t> index) const {
    return data<T>()[offset_of(index)];
  }
  /// The one element of a tensor that has one, converted to T. Throws for any other number of elements.
  template <class T = float>
  T item() const {
    check_item();
    return dtype() == DType::float32 ? static_cast<T>(*data<float>()) : static_cast<T>(*data<std::int64_t>());
  }

  /// The memory that holds the elements. Null for a symbolic tensor.
  const std::shared_ptr<std::byte>& storage() const { return record().data; }
  bool is_symbolic() const { return defined() && !record_->data; }
  const std::shared_ptr<Symbol>& symbol() const { return record().symbol; }
  /// Makes every copy of this handle stand for another symbol: an assigning operator on a symbolic tensor.
  void set_symbol(std::shared_ptr<Symbol> symbol);
  /// The same elements under another shape of as many elements, past the door: for the door itself and for readers.
  Tensor with_shape(const Shape& shape) const;

  // Operations. Each is documented with the free function of its name in <minnow/ops/...>.
  Tensor clone() const;                                       // copies
  Tensor to(DType dtype) const;                               // copies, unless it has that dtype
  Tensor view(const Shape& shape) const;                      // shares storage; one size may be -1
  Tensor reshape(const Shape& shape) const;                   // shares storage
  Tensor flatten(int start_dim = 0, int end_dim = -1) const;  // shares storage
  Tensor squeeze() const;                                     // shares storage
  Tensor squeeze(int dim) const;                              // shares storage
  Tensor unsqueeze(int dim) const;                            // shares storage
  Tensor transpose(int dim0, int dim1) const;                 // copies
  Tensor permute(const Dims& dims) const;                     // copies
  Tensor expand(const Shape& shape) const;                    // copies
  Tensor slice(int dim, std::int64_t start, std::int64_t end, std::int64_t step = 1) const;  // copies

  Tensor& operator+=(const Tensor& other);  // these four write the elements, which every handle to them sees
  Tensor& operator-=(const Tensor& other);
  Tensor& operator*=(const Tensor& other);
  Tensor& operator/=(const Tensor& other);
  Tensor& operator+=(double value);
  Tensor& operator-=(double value);
  Tensor& operator*=(double value);
  Tensor& operator/=(double value);

  Tensor sum(const Dims& dims = {}, bool keepdim = false) const;
  Tensor mean(const Dims& dims = {}, bool keepdim = false) const;
  Tensor max(const Dims& dims = {}, bool keepdim = false) const;
  Tensor min(const Dims& dims = {}, bool keepdim = false) const;
  Tensor var(const Dims& dims = {}, bool unbiased = true, bool keepdim = false) const;
  Tensor std(const Dims& dims = {}, bool unbiased = true, bool keepdim = false) const;
  Tensor norm(double p = 2.0, const Dims& dims = {}, bool keepdim = false) const;
  Tensor argmax() const;
  Tensor argmax(int dim, bool keepdim = false) const;
  Tensor argmin() const;
  Tensor argmin(int dim, bool keepdim = false) const;
  Tensor matmul(const Tensor& other) const;
  Tensor softmax(int dim) const;
  Tensor log_softmax(int dim) const;

 private:
  struct Record {
    Shape shape;
    DType dtype = DType::float32;
    std::shared_ptr<std::byte> data;
    std::shared_ptr<Symbol> symbol;
  };

  const Record& record() const;
  void* raw(DType expected) const;
  std::ptrdiff_t offset_of(std::initializer_list<std::int64_t> index) const;
  void check_item() const;
  [[noreturn]] void refuse_values(const char* what) const;

  std::shared_ptr<Record> record_;
};

// Creation -----------------------------------------------------------------------------------------------------------

/// A tensor whose elements are whatever the memory held. 64-byte aligned. Throws where there is not that much memory.
MINNOW_API Tensor empty(const Shape& shape, DType dtype = DType::float32);
MINNOW_API Tensor zeros(const Shape& shape, DType dtype = DType::float32);
MINNOW_API Tensor ones(const Shape& shape, DType dtype = DType::float32);
MINNOW_API Tensor full(const Shape& shape, double value, DType dtype = DType::float32);
/// start, start + step, ... below end (above, for a negative step). As torch.arange, but float32 unless told otherwise.
MINNOW_API Tensor arange(double start, double end, double step = 1.0, DType dtype = DType::float32);
inline Tensor arange(double end) { return arange(0.0, end); }
/// Uniform in [0, 1). Drawn from the generator that `manual_seed` sets.
MINNOW_API Tensor rand(const Shape& shape);
/// Normal with mean 0 and variance 1. Drawn from the generator that `manual_seed` sets.
MINNOW_API Tensor randn(const Shape& shape);

/// A tensor of the values: tensor(3.0f) is a scalar, tensor({1, 2, 3}) a vector, tensor({{1, 2}, {3, 4}}) a matrix.
/// Throws where the rows differ in length.
MINNOW_API Tensor tensor(float value);
MINNOW_API Tensor tensor(std::initializer_list<std::initializer_list<float>> rows);
/// A template, so that tensor({{1}, {2}}) has two rows.
template <std::same_as<float> T = float>
Tensor tensor(std::initializer_list<std::type_identity_t<T>> values);
/// A vector of whole numbers: tensor<std::int64_t>({0, 2}).
template <std::same_as<std::int64_t> T>
Tensor tensor(std::initializer_list<T> values);
/// Copies `values`, as many as `shape` has elements.
MINNOW_API Tensor tensor(std::span<const float> values, const Shape& shape);
MINNOW_API Tensor tensor(std::span<const std::int64_t> values, const Shape& shape);
template <std::same_as<float> T>
Tensor tensor(std::initializer_list<std::type_identity_t<T>> values) {
  return tensor(std::span<const T>(values.begin(), values.size()), {static_cast<std::int64_t>(values.size())});
}
template <std::same_as<std::int64_t> T>
Tensor tensor(std::initializer_list<T> values) {
  return tensor(std::span<const T>(values.begin(), values.size()), {static_cast<std::int64_t>(values.size())});
}

/// A tensor over the caller's memory, which must outlive it or be freed by `deleter` when the last handle goes.
MINNOW_API Tensor from_blob(float* data, const Shape& shape, std::function<void(float*)> deleter = {});
MINNOW_API Tensor from_blob(std::int64_t* data, const Shape& shape, std::function<void(std::int64_t*)> deleter = {});

/// The elements as torch prints a tensor (four decimals, aligned, elided above a thousand elements).
MINNOW_API std::ostream& operator<<(std::ostream& out, const Tensor& tensor);

}  // namespace minnow
