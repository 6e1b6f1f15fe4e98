#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

#include <minnow/core/error.h>
#include <minnow/io/formats.h>
#include <minnow/io/json.h>
#include <minnow/io/safetensors_dtype.h>

namespace minnow {
namespace {

constexpr std::size_t kLengthSize = sizeof(std::uint64_t);
constexpr std::uint64_t kLongestHeader = 100'000'000;  // the format's own bound

struct Entry {
  std::string name;
  std::string dtype;
  std::optional<Shape> shape;
  std::vector<std::uint64_t> offsets;  // the first byte and the one after the last, in the data behind the header
};

// { "__metadata__": {name: string, ...}, tensor: {"dtype": "F32", "shape": [...], "data_offsets": [0, 64]}, ... }
class HeaderReader : public JsonEvents {
 public:
  std::vector<Entry> entries;
  std::string metadata;  // what Minnow wrote

  void begin_object() override {
    if (++depth_ > 2 || in_array_) unexpected("an object");
    if (depth_ == 2 && !in_metadata()) entries.push_back({name_, {}, {}, {}});
  }
  void key(std::string_view name) override { (depth_ == 1 ? name_ : field_) = name; }
  void end_object() override {
    if (--depth_ == 0 || in_metadata()) return;
    const Entry& entry = entries.back();
    if (entry.dtype.empty() || !entry.shape || entry.offsets.size() != 2) {
      fail("dtype, shape and two data_offsets are needed");
    }
  }
  void begin_array() override {
    if (depth_ != 2 || in_metadata() || in_array_ || (field_ != "shape" && field_ != "data_offsets")) {
      unexpected("an array");
    }
    in_array_ = true;
    if (field_ == "shape") entries.back().shape.emplace();
  }
  void end_array() override { in_array_ = false; }
  void string(std::string_view value) override {
    if (depth_ == 2 && in_metadata()) {
      if (field_ == "minnow") metadata = value;
    } else if (depth_ == 2 && !in_array_ && field_ == "dtype") {
      entries.back().dtype = value;
    } else {
      unexpected("a string");
    }
  }
  void integer(std::int64_t value) override {
    if (!in_array_) unexpected("a number");
    if (value < 0) fail("the ", field_ == "shape" ? "size " : "offset ", value, " is negative");
    if (field_ == "shape") {
      entries.back().shape->push_back(value);
    } else {
      entries.back().offsets.push_back(static_cast<std::uint64_t>(value));
    }
  }
  std::string place() const override { return name_.empty() ? "" : str("tensor \"", shown(name_), '"'); }

 private:
  bool in_metadata() const { return name_ == "__metadata__"; }

  int depth_ = 0;
  bool in_array_ = false;
  std::string name_, field_;
};

// The tensors' bytes must follow one another without gap or overlap, and end with the file.
void check_layout(const std::vector<Entry>& entries, std::uint64_t data_size) {
  std::vector<const Entry*> order;
  for (const Entry& entry : entries) {
    const std::uint64_t first = entry.offsets[0], last = entry.offsets[1];
    if (first > last || last > data_size) {
      fail("tensor \"", shown(entry.name), "\": bytes ", first, " to ", last, " are not in the data of ", data_size,
           " bytes");
    }
    order.push_back(&entry);
  }
  std::sort(order.begin(), order.end(), [](const Entry* a, const Entry* b) { return a->offsets < b->offsets; });
  std::uint64_t end = 0;
  for (const Entry* entry : order) {
    if (entry->offsets[0] != end) {
      fail("tensor \"", shown(entry->name), "\" begins at byte ", entry->offsets[0], " of the data, where ",
           entry->offsets[0] < end ? "another one lies" : "a gap ends", " (", end, ')');
    }
    end = entry->offsets[1];
  }
  if (end != data_size) fail("the data have ", data_size, " bytes, of which the tensors fill ", end);
}

// The values in those bytes: the bytes themselves where they can be kept, else a copy or what they convert to.
Tensor values_of(std::span<const std::byte> bytes, const Shape& shape, const StoredType& type,
                 const std::shared_ptr<std::byte>& owner) {
  const auto alignment = static_cast<std::uintptr_t>(size_of(type.dtype));
  const bool is_aligned = reinterpret_cast<std::uintptr_t>(bytes.data()) % alignment == 0;
  if (owner && !type.convert && is_aligned && !bytes.empty()) {
    std::byte* first = owner.get() + (bytes.data() - owner.get());
    return Tensor(shape, type.dtype, std::shared_ptr<std::byte>(owner, first));
  }
  Tensor result = empty(shape, type.dtype);
  if (type.convert) {
    type.convert(bytes, result);
  } else if (!bytes.empty()) {
    std::memcpy(result.storage().get(), bytes.data(), bytes.size());
  }
  return result;
}

detail::StoredTensor tensor_of(const Entry& entry, std::span<const std::byte> data,
                               const std::shared_ptr<std::byte>& owner) {
  const auto bytes = data.subspan(entry.offsets[0], entry.offsets[1] - entry.offsets[0]);
  const StoredType type = stored_type(entry.dtype);
  const auto numel = static_cast<std::uint64_t>(entry.shape->numel());
  if (bytes.size() % type.size != 0 || bytes.size() / type.size != numel) {
    fail("its ", bytes.size(), " bytes do not fill the shape ", *entry.shape, " of ", entry.dtype);
  }
  return {entry.name, *entry.shape, type.dtype,
          [bytes, shape = *entry.shape, type, owner] { return values_of(bytes, shape, type, owner); }};
}

}  // namespace

detail::StoredWeights read_safetensors(std::span<const std::byte> bytes, std::shared_ptr<std::byte> owner) {
  if (bytes.size() < kLengthSize) fail("the file is truncated: it has ", bytes.size(), " bytes");
  std::uint64_t length;
  std::memcpy(&length, bytes.data(), kLengthSize);
  const auto body = bytes.subspan(kLengthSize);
  if (length > body.size()) fail("a header of ", length, " bytes is longer than the file of ", bytes.size());
  if (length > kLongestHeader) fail("a header of ", length, " bytes is longer than the format allows");
  HeaderReader header;
  Source text({reinterpret_cast<const char*>(body.data()), length});
  parse_json(text, header);

  detail::StoredWeights file;
  if (!header.metadata.empty()) {
    Source metadata(header.metadata);
    file.about = read_minnow(metadata);
    file.about.tensors.clear();
  }
  const auto data = body.subspan(length);
  check_layout(header.entries, data.size());
  for (const Entry& entry : header.entries) {
    try {
      file.tensors.push_back(tensor_of(entry, data, owner));
    } catch (const Error& error) {
      throw Error(str("tensor \"", shown(entry.name), "\": ", error.what()));
    }
  }
  return file;
}

void write_safetensors(const WeightsFile& file, OutputFile& out) {
  std::vector<const NamedTensor*> order;  // as the format's own writer has it: the larger elements first
  for (const NamedTensor& tensor : file.tensors) order.push_back(&tensor);
  std::stable_partition(order.begin(), order.end(), [](const auto* t) { return t->value.dtype() == DType::int64; });

  std::int64_t offset = 0;
  std::map<std::string_view, std::int64_t> offsets;
  for (const NamedTensor* tensor : order) {
    offsets[tensor->name] = offset;
    offset += tensor->value.nbytes();
  }
  std::string header =
      str("{\"__metadata__\": {\"format\": \"pt\", \"minnow\": ", json_string(minnow_metadata(file) + "}"), '}');
  for (const auto& [name, value] : file.tensors) {
    if (name == "__metadata__") fail("a tensor cannot be called \"__metadata__\" in safetensors");
    const std::int64_t first = offsets[name];
    header += str(", ", json_string(name), ": {\"dtype\": \"", value.dtype() == DType::float32 ? "F32" : "I64",
                  "\", \"shape\": ", value.shape(), ", \"data_offsets\": [", first, ", ", first + value.nbytes(), "]}");
  }
  header += '}';
  constexpr std::size_t alignment = 64;  // of the data in the file, and so in a map of it
  header.append(alignment - 1 - (kLengthSize + header.size() + alignment - 1) % alignment, ' ');
  const std::uint64_t length = header.size();
  out.write(std::as_bytes(std::span(&length, 1)));
  out.write(header);
  for (const NamedTensor* tensor : order) {
    out.write({tensor->value.storage().get(), static_cast<std::size_t>(tensor->value.nbytes())});
  }
}

}  // namespace minnow
