#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <ostream>

#include <minnow/core/error.h>
#include <minnow/core/random.h>
#include <minnow/core/tensor.h>

namespace minnow {
namespace {

constexpr std::size_t kAlignment = 64;

std::shared_ptr<std::byte> allocate(const Shape& shape, DType dtype) {
  const std::int64_t count = shape.numel();
  if (count > std::numeric_limits<std::int64_t>::max() / 16) {
    fail("a tensor of shape ", shape, " needs more memory than there can be");
  }
  const auto bytes = static_cast<std::size_t>(count * size_of(dtype));
  const std::size_t rounded = (std::max<std::size_t>(bytes, 1) + kAlignment - 1) / kAlignment * kAlignment;
  auto* memory = static_cast<std::byte*>(std::aligned_alloc(kAlignment, rounded));
  if (!memory) fail("there is no memory for a tensor of shape ", shape, " (", bytes, " bytes)");
  return {memory, [](std::byte* pointer) { std::free(pointer); }};
}

template <class T>
Tensor copy_of(std::span<const T> values, const Shape& shape) {
  if (static_cast<std::int64_t>(values.size()) != shape.numel()) {
    fail("tensor: ", values.size(), " values do not fill the shape ", shape);
  }
  Tensor result = empty(shape, dtype_of<T>);
  if (!values.empty()) std::memcpy(result.data<T>(), values.data(), values.size_bytes());
  return result;
}

template <class T>
Tensor wrap(T* data, const Shape& shape, std::function<void(T*)> deleter) {
  std::shared_ptr<std::byte> storage(reinterpret_cast<std::byte*>(data),
                                     [deleter = std::move(deleter)](std::byte* memory) {
                                       if (deleter) deleter(reinterpret_cast<T*>(memory));
                                     });
  if (!data) fail("from_blob: the pointer is null");
  return {shape, dtype_of<T>, std::move(storage)};
}

}  // namespace

std::ostream& operator<<(std::ostream& out, DType dtype) { return out << name_of(dtype); }

Tensor::Tensor(const Shape& shape, DType dtype, std::shared_ptr<std::byte> data)
    : record_(std::make_shared<Record>(Record{shape, dtype, std::move(data), nullptr})) {
  (void)shape.numel();  // throws where the shape is no shape
}

Tensor::Tensor(const Shape& shape, DType dtype, std::shared_ptr<Symbol> symbol)
    : record_(std::make_shared<Record>(Record{shape, dtype, nullptr, std::move(symbol)})) {
  (void)shape.numel();
}

void Tensor::set_symbol(std::shared_ptr<Symbol> symbol) {
  (void)record();  // throws where there is none
  record_->symbol = std::move(symbol);
}

Tensor Tensor::with_shape(const Shape& shape) const {
  if (shape.numel() != numel()) fail("a tensor of shape ", this->shape(), " cannot be seen as ", shape);
  Tensor result(shape, dtype(), storage());
  result.record_->symbol = symbol();
  return result;
}

const Tensor::Record& Tensor::record() const {
  if (!record_) fail("the tensor is undefined");
  return *record_;
}

void Tensor::refuse_values(const char* what) const {
  const std::string op = symbol() ? symbol()->made_by : "";
  fail(what, "the values of ", op.empty() ? "a symbolic tensor" : "the result of " + op, ", ", shape(),
       ", are not known while a model is traced: forward must not depend on them");
}

void* Tensor::raw(DType expected) const {
  if (is_symbolic()) refuse_values("");
  if (dtype() != expected) fail("the tensor holds ", dtype(), ", not ", expected);
  return record().data.get();
}

std::ptrdiff_t Tensor::offset_of(std::initializer_list<std::int64_t> index) const {
  if (static_cast<int>(index.size()) != rank()) {
    fail("at: ", index.size(), " numbers do not index the shape ", shape());
  }
  std::int64_t offset = 0;
  int dim = 0;
  for (const std::int64_t i : index) {
    const std::int64_t size = this->dim(dim);
    if (i < -size || i >= size)
      fail("at: index ", i, " is out of range for dimension ", dim, " of the shape ", shape());
    offset = offset * size + (i < 0 ? i + size : i);
    ++dim;
  }
  return offset;
}

void Tensor::check_item() const {
  if (is_symbolic()) refuse_values("item: ");
  if (numel() != 1) fail("item: a tensor of shape ", shape(), " has ", numel(), " elements, not one");
}

Tensor empty(const Shape& shape, DType dtype) { return {shape, dtype, allocate(shape, dtype)}; }

Tensor zeros(const Shape& shape, DType dtype) {
  Tensor result = empty(shape, dtype);
  std::memset(result.storage().get(), 0, static_cast<std::size_t>(result.nbytes()));
  return result;
}

Tensor ones(const Shape& shape, DType dtype) { return full(shape, 1.0, dtype); }

Tensor full(const Shape& shape, double value, DType dtype) {
  Tensor result = empty(shape, dtype);
  if (dtype == DType::float32) {
    for (float& element : result.span<float>()) element = static_cast<float>(value);
  } else {
    for (std::int64_t& element : result.span<std::int64_t>()) element = static_cast<std::int64_t>(value);
  }
  return result;
}

Tensor arange(double start, double end, double step, DType dtype) {
  if (step == 0.0 || std::isnan(step)) fail("arange: step must not be ", step);
  const double steps = (end - start) / step, count = std::ceil(steps);
  if (!(steps >= 0.0)) fail("arange: a step of ", step, " does not lead from ", start, " to ", end);
  if (count > 9e15) fail("arange: ", count, " elements are too many");
  Tensor result = empty({static_cast<std::int64_t>(count)}, dtype);
  for (std::int64_t i = 0; i < result.numel(); ++i) {
    const double value = start + static_cast<double>(i) * step;
    if (dtype == DType::float32) {
      result.data<float>()[i] = static_cast<float>(value);
    } else {
      result.data<std::int64_t>()[i] = static_cast<std::int64_t>(value);
    }
  }
  return result;
}

Tensor rand(const Shape& shape) {
  Tensor result = empty(shape);
  fill_uniform(result.span(), 0.0f, 1.0f, next_seed());
  return result;
}

Tensor randn(const Shape& shape) {
  Tensor result = empty(shape);
  fill_normal(result.span(), 0.0f, 1.0f, next_seed());
  return result;
}

Tensor tensor(float value) { return tensor(std::span<const float>(&value, 1), Shape{}); }

Tensor tensor(std::initializer_list<std::initializer_list<float>> rows) {
  const std::size_t width = rows.size() ? rows.begin()->size() : 0;
  std::vector<float> values;
  for (const auto& row : rows) {
    if (row.size() != width) fail("tensor: a row of ", row.size(), " values among rows of ", width);
    values.insert(values.end(), row);
  }
  return tensor(values, {static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(width)});
}

Tensor tensor(std::span<const float> values, const Shape& shape) { return copy_of(values, shape); }

Tensor tensor(std::span<const std::int64_t> values, const Shape& shape) { return copy_of(values, shape); }

Tensor from_blob(float* data, const Shape& shape, std::function<void(float*)> deleter) {
  return wrap(data, shape, std::move(deleter));
}

Tensor from_blob(std::int64_t* data, const Shape& shape, std::function<void(std::int64_t*)> deleter) {
  return wrap(data, shape, std::move(deleter));
}

}  // namespace minnow
