#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include <minnow/core/tensor.h>

// Printing as torch does it, whose numbers these are: four decimals, lines of 80 characters, and of more than a
// thousand elements only the three at either end of each dimension.

namespace minnow {
namespace {

constexpr std::int64_t kThreshold = 1000, kEdge = 3;
constexpr std::size_t kLineWidth = 80;

std::string formatted(const char* format, double value) {
  if (std::isnan(value)) return "nan";
  char buffer[400];  // %.0f of the largest float has 39 digits
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

// How all elements of one tensor are written, found by looking at those that are shown.
class Style {
 public:
  explicit Style(const std::vector<double>& values) {
    double least = std::numeric_limits<double>::infinity(), most = 0;
    bool whole = true;
    for (const double value : values) {
      if (!std::isfinite(value) || value == 0) continue;
      least = std::min(least, std::abs(value));
      most = std::max(most, std::abs(value));
      whole = whole && value == std::ceil(value);
    }
    if (most == 0) return;
    if (most / least > 1000.0 || most > 1e8 || (!whole && least < 1e-4)) {
      format_ = "%.4e";
      point_ = "";
    } else if (!whole) {
      format_ = "%.4f";
      point_ = "";
    }
    for (const double value : values) {
      if (std::isfinite(value) && value != 0) width_ = std::max(width_, text(value).size());
    }
  }
  explicit Style(const std::vector<std::int64_t>& values) {
    for (const std::int64_t value : values) width_ = std::max(width_, text(value).size());
  }

  std::size_t width() const { return width_; }
  template <class T>
  std::string operator()(T value) const {
    const std::string plain = text(value);
    return std::string(width_ - std::min(width_, plain.size()), ' ') + plain;
  }

 private:
  std::string text(std::int64_t value) const { return std::to_string(value); }
  std::string text(double value) const { return formatted(format_, value) + (std::isfinite(value) ? point_ : ""); }

  const char* format_ = "%.0f";
  const char* point_ = ".";  // behind whole numbers
  std::size_t width_ = 1;
};

// T is what T's elements are written as: double for float, int64 for int64.
template <class Element, class T>
class Printer {
 public:
  explicit Printer(const Tensor& tensor)
      : data_(tensor.data<Element>()), shape_(tensor.shape()), elided_(tensor.numel() > kThreshold) {}

  std::string operator()(std::size_t indent) {
    std::vector<T> shown;
    collect(0, 0, shown);
    return block(Style(shown), 0, 0, indent);
  }

 private:
  // Calls visit(i) for the indices of dimension `dim` that are shown, and gap() where some are left out.
  template <class Visit, class Gap>
  void each(int dim, Visit visit, Gap gap) const {
    const std::int64_t size = shape_[dim];
    const bool cut = elided_ && size > 2 * kEdge;
    for (std::int64_t i = 0; i < size; ++i) {
      if (cut && i == kEdge) {
        gap();
        i = size - kEdge;
      }
      visit(i);
    }
  }

  void collect(int dim, std::int64_t offset, std::vector<T>& shown) const {
    if (dim == shape_.rank()) return shown.push_back(static_cast<T>(data_[offset]));
    each(
        dim, [&](std::int64_t i) { collect(dim + 1, offset * shape_[dim] + i, shown); }, [] {});
  }

  std::string block(const Style& style, int dim, std::int64_t offset, std::size_t indent) const {
    if (dim == shape_.rank()) return style(static_cast<T>(data_[offset]));
    const bool vector = dim + 1 == shape_.rank();
    std::vector<std::string> parts;
    each(
        dim, [&](std::int64_t i) { parts.push_back(block(style, dim + 1, offset * shape_[dim] + i, indent + 1)); },
        [&] { parts.push_back(vector ? " ..." : "..."); });
    const std::size_t room = kLineWidth - std::min(indent, kLineWidth);
    const std::size_t per_line = vector ? std::max<std::size_t>(1, room / (style.width() + 2)) : 1;
    std::string newline = ",";
    newline.append(static_cast<std::size_t>(vector ? 1 : shape_.rank() - dim - 1), '\n').append(indent + 1, ' ');
    std::string text = "[";
    for (std::size_t i = 0; i < parts.size(); ++i) text += (i == 0 ? "" : i % per_line ? ", " : newline) + parts[i];
    return text + "]";
  }

  const Element* data_;
  Shape shape_;
  bool elided_;
};

std::string size_of_shape(const Shape& shape) {
  std::string text = "size=(";
  for (int i = 0; i < shape.rank(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + (shape.rank() == 1 ? ",)" : ")");
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Tensor& tensor) {
  if (!tensor.defined()) return out << "tensor(undefined)";
  const std::string dtype = std::string("dtype=torch.") + name_of(tensor.dtype());
  if (tensor.is_symbolic()) return out << "tensor(symbolic, " << size_of_shape(tensor.shape()) << ", " << dtype << ")";
  const std::string begin = "tensor(";
  if (tensor.numel() == 0) {
    out << begin << "[]";
    if (tensor.rank() != 1) out << ", " << size_of_shape(tensor.shape());
    if (tensor.dtype() != DType::float32) out << ", " << dtype;
    return out << ")";
  }
  if (tensor.dtype() == DType::float32) return out << begin << Printer<float, double>(tensor)(begin.size()) << ")";
  return out << begin << Printer<std::int64_t, std::int64_t>(tensor)(begin.size()) << ")";
}

}  // namespace minnow
