#include <array>
#include <charconv>
#include <cmath>

#include <minnow/core/error.h>
#include <minnow/io/formats.h>
#include <minnow/io/growing.h>
#include <minnow/io/json.h>

namespace minnow {
namespace {

// Finds the shape of nested lists while they pass by, and refuses ragged ones.
class ListShape {
 public:
  void open() {
    if (depth_ == Shape::max_rank) fail("more than ", Shape::max_rank, " dimensions");
    if (depth_ == leaves_) fail_ragged();
    counts_[static_cast<std::size_t>(depth_++)] = 0;
  }
  void close() {
    const auto dim = static_cast<std::size_t>(--depth_);
    if (leaves_ < 0) leaves_ = depth_ + 1;  // the first list to close is an innermost one
    if (sizes_[dim] < 0) sizes_[dim] = counts_[dim];
    if (sizes_[dim] != counts_[dim]) fail_ragged();
    count();
  }
  void value() {
    if (leaves_ < 0) leaves_ = depth_;
    if (depth_ != leaves_) fail_ragged();
    count();
  }

  bool is_complete() const { return depth_ == 0; }
  Shape shape() const { return Shape(std::span(sizes_.data(), static_cast<std::size_t>(leaves_))); }

 private:
  [[noreturn]] static void fail_ragged() { fail("the lists are ragged: those at one depth differ in length"); }
  void count() {
    if (depth_ > 0) ++counts_[static_cast<std::size_t>(depth_ - 1)];
  }

  std::array<std::int64_t, Shape::max_rank> sizes_ = {-1, -1, -1, -1, -1, -1, -1, -1}, counts_{};
  int depth_ = 0;
  int leaves_ = -1;  // the depth at which numbers stand
};

// { name: number or nested lists of numbers, ... }. A tensor of integers alone is int64, as Python writes it.
class ListsReader : public JsonEvents {
 public:
  WeightsFile take() { return std::move(file_); }

  void begin_object() override {
    if (inside_) unexpected("an object");
    inside_ = true;
  }
  void key(std::string_view name) override {
    name_ = name;
    shape_ = {};
    dtype_ = DType::int64;
    memory_.cut(0);
  }
  void begin_array() override {
    if (!inside_) unexpected("an array");
    shape_.open();
  }
  void end_array() override {
    shape_.close();
    finish_if_complete();
  }
  void integer(std::int64_t value) override {
    shape_.value();
    if (dtype_ == DType::int64) {
      memory_.append(value);
    } else {
      memory_.append(static_cast<float>(value));
    }
    finish_if_complete();
  }
  void number(float value, std::string_view) override {
    shape_.value();
    if (dtype_ == DType::int64) turn_to_float();
    memory_.append(value);
    finish_if_complete();
  }

  std::string place() const override { return name_.empty() ? "" : str("tensor \"", shown(name_), '"'); }
  std::string_view wanted() const override { return kJsonForms; }

 private:
  void turn_to_float() {
    const std::size_t count = memory_.size() / sizeof(std::int64_t);
    for (std::size_t i = 0; i < count; ++i) {
      std::int64_t value;
      std::memcpy(&value, memory_.data() + i * sizeof(value), sizeof(value));
      const auto rounded = static_cast<float>(value);
      std::memcpy(memory_.data() + i * sizeof(rounded), &rounded, sizeof(rounded));
    }
    memory_.cut(count * sizeof(float));
    dtype_ = DType::float32;
  }
  void finish_if_complete() {
    if (!shape_.is_complete()) return;
    if (memory_.size() == 0) dtype_ = DType::float32;
    file_.tensors.push_back({name_, Tensor(shape_.shape(), dtype_, memory_.release())});
  }

  WeightsFile file_;
  bool inside_ = false;
  std::string name_;
  ListShape shape_;
  DType dtype_ = DType::int64;
  GrowingMemory memory_;
};

// The shortest digits that read back as `value`, and a sign that it is no integer.
void append(float value, std::string& text) {
  std::array<char, 32> digits;
  const auto [end, _] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  const std::string_view written(digits.data(), static_cast<std::size_t>(end - digits.data()));
  text += written;
  if (written.find_first_of(".e") == std::string_view::npos) text += ".0";
}

void append(std::int64_t value, std::string& text) { text += std::to_string(value); }

template <class T>
void write_values(const Tensor& tensor, int dim, const T*& next, OutputFile& out, std::string& text) {
  if (dim == tensor.rank()) {
    append(*next++, text);
    return;
  }
  text += '[';
  for (std::int64_t i = 0; i < tensor.dim(dim); ++i) {
    if (i > 0) text += ", ";
    write_values(tensor, dim + 1, next, out, text);
  }
  text += ']';
  if (text.size() > std::size_t{1} << 16) {
    out.write(text);
    text.clear();
  }
}

void check(const NamedTensor& tensor) {
  const Tensor& value = tensor.value;
  const auto cannot = [&](const char* what) {
    fail("tensor \"", tensor.name, "\" ", value.shape(), ": nested lists cannot say ", what);
  };
  for (int i = 0; i + 1 < value.rank(); ++i) {
    if (value.dim(i) == 0) cannot("what follows a size of 0");
  }
  if (value.dtype() == DType::int64) {
    if (value.numel() == 0) cannot("that nothing is of integers");
    return;
  }
  for (const float element : value.span()) {
    if (!std::isfinite(element)) cannot("NaN or infinity");
  }
}

}  // namespace

WeightsFile read_lists(Source& source) {
  ListsReader reader;
  parse_json(source, reader);
  return reader.take();
}

void write_lists(const WeightsFile& file, OutputFile& out) {
  std::string text = "{";
  for (const NamedTensor& tensor : file.tensors) {
    check(tensor);
    text += str(&tensor == &file.tensors.front() ? "" : ", ", json_string(tensor.name), ": ");
    if (tensor.value.dtype() == DType::float32) {
      const float* next = tensor.value.data();
      write_values(tensor.value, 0, next, out, text);
    } else {
      const auto* next = tensor.value.data<std::int64_t>();
      write_values(tensor.value, 0, next, out, text);
    }
  }
  out.write(text + "}\n");
}

}  // namespace minnow
