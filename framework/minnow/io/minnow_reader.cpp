#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <limits>
#include <optional>

#include <minnow/core/error.h>
#include <minnow/io/base64.h>
#include <minnow/io/formats.h>
#include <minnow/io/growing.h>
#include <minnow/io/json.h>

namespace minnow {
namespace {

static_assert(std::endian::native == std::endian::little, "files of weights are little-endian and read as they are");

constexpr std::array<std::string_view, 7> kSections = {"format", "version",    "model",  "preset",
                                                       "labels", "provenance", "tensors"};

// Reads the format of weights/README.md. Where it stands is said by the keys on the way there and whether it is in an
// array; unknown keys of the outermost object are skipped.
class MinnowReader : public JsonEvents {
 public:
  WeightsFile take() {
    if (!has_version_) fail("\"version\" is missing");
    return std::move(file_);
  }

  void begin_object() override {
    keys_.emplace_back();
    if (is_skipping()) return;
    const bool known = keys_.size() == 1 || at("model") || at("model", "options") || at("preset") || at("provenance") ||
                       at("tensors") || is_tensor();
    if (!known || in_array_) unexpected("an object");
    if (at("preset")) file_.preset.emplace();
    if (is_tensor()) {
      dtype_.reset();
      shape_.reset();
      data_.cut(0);
    }
  }
  void key(std::string_view name) override { keys_.back() = name; }
  void end_object() override {
    if (!is_skipping() && is_tensor()) finish_tensor();
    keys_.pop_back();
  }

  void begin_array() override {
    if (is_skipping()) return;
    const bool known =
        is("labels") || is("preset", "mean") || is("preset", "std") || is_field("shape") || is_field("data");
    if (!known || in_array_) unexpected("an array");
    in_array_ = true;
    count_ = 0;
    if (is_field("shape")) shape_.emplace();
  }
  void end_array() override {
    if (is_skipping()) return;
    in_array_ = false;
    if (in("preset") && count_ != 3) fail("the preset's ", keys_.back(), " has ", count_, " numbers, not 3");
  }

  void string(std::string_view value) override {
    if (is_skipping()) return;
    if (in_array_ && is_field("data")) return decode(value);
    texts_ += value.size() + sizeof(std::string);
    if (texts_ > most_texts) fail("labels and other texts take more than ", most_texts >> 20, " MiB");
    if (in_array_ && is("labels")) {
      file_.labels.emplace_back(value);
    } else if (in_array_) {
      unexpected("a string");
    } else if (is("format")) {
      if (value != "minnow") fail("the format is called \"", shown(value), "\", not \"minnow\"; ", kJsonForms);
    } else if (is("model", "name")) {
      file_.model = value;
    } else if (is("preset", "interpolation")) {
      file_.preset->interpolation = interpolation_from_name(value);
    } else if (in("provenance")) {
      file_.provenance[keys_.back()] = value;
    } else if (is_field("dtype")) {
      set_dtype(value);
    } else {
      unexpected("a string");
    }
  }

  void integer(std::int64_t value) override {
    if (is_skipping()) return;
    if (in_array_ && is_field("shape")) {
      if (value < 0) fail("the size ", value, " is negative");
      shape_->push_back(value);
    } else if (!in_array_ && is("version")) {
      if (value != 1) fail("version ", value, " of the format is not the one known here, 1");
      has_version_ = true;
    } else if (!in_array_ && is("preset", "resize")) {
      file_.preset->resize = value;
    } else if (!in_array_ && is("preset", "crop")) {
      file_.preset->crop = value;
    } else {
      set_number(static_cast<float>(value), static_cast<double>(value));
    }
  }
  void number(float value, std::string_view text) override {
    if (!is_skipping()) set_number(value, std::strtod(std::string(text).c_str(), nullptr));
  }
  void boolean(bool value) override {
    if (!is_skipping()) set_number(value, value);
  }
  void null() override {
    if (!is_skipping()) unexpected("null");
  }

  std::string place() const override {
    if (keys_.empty()) return {};
    if (keys_.size() > 1 && keys_[0] == "tensors") return str("tensor \"", shown(keys_[1]), '"');
    if (keys_[0].empty()) return {};
    const bool within = keys_.size() > 1 && !keys_[1].empty();
    return str('"', shown(keys_[0]), '"', within ? str(", \"", shown(keys_[1]), '"') : "");
  }

 private:
  static constexpr std::size_t longest_string = 1 << 16;
  static constexpr std::size_t most_texts = 4 << 20;  // bytes

  bool is_skipping() const {
    return !keys_.empty() && !keys_[0].empty() &&
           std::find(kSections.begin(), kSections.end(), keys_[0]) == kSections.end();
  }
  // Whether the value that follows belongs to these keys ...
  bool is(std::string_view key) const { return keys_.size() == 1 && keys_[0] == key; }
  bool is(std::string_view first, std::string_view second) const {
    return keys_.size() == 2 && keys_[0] == first && keys_[1] == second;
  }
  bool in(std::string_view section) const { return keys_.size() == 2 && keys_[0] == section; }
  bool is_field(std::string_view field) const {
    return keys_.size() == 3 && keys_[0] == "tensors" && keys_[2] == field;
  }
  // ... or the object that just began or ends.
  bool at(std::string_view key) const { return keys_.size() == 2 && keys_[0] == key; }
  bool at(std::string_view first, std::string_view second) const {
    return keys_.size() == 3 && keys_[0] == first && keys_[1] == second;
  }
  bool is_tensor() const { return keys_.size() == 3 && keys_[0] == "tensors"; }

  void set_number(float value, double precise) {
    const bool is_mean = is("preset", "mean");
    if (in_array_ && (is_mean || is("preset", "std"))) {
      if (count_ < 3) (is_mean ? file_.preset->mean : file_.preset->std)[count_] = value;
      ++count_;
    } else if (!in_array_ && keys_.size() == 3 && keys_[0] == "model" && keys_[1] == "options") {
      file_.options[keys_[2]] = precise;
    } else if (!in_array_ && (is("preset", "resize") || is("preset", "crop"))) {
      fail("a whole number is expected, got ", precise);
    } else {
      unexpected("a number");
    }
  }

  void set_dtype(std::string_view name) {
    for (const DType dtype : {DType::float32, DType::int64}) {
      if (name == name_of(dtype)) dtype_ = dtype;
    }
    if (!dtype_) fail("the dtype \"", shown(name), "\" is none of \"float32\" and \"int64\"");
  }

  void decode(std::string_view text) {
    if (text.size() > longest_string) fail("a base64 string is longer than 64 KiB");
    const std::size_t size = decoded_size(text);
    decode_base64(text, {data_.extend(size), size});
  }

  void finish_tensor() {
    if (!dtype_) fail("the dtype is missing");
    if (!shape_) fail("the shape is missing");
    const std::int64_t numel = shape_->numel(), size = size_of(*dtype_);
    if (numel > std::numeric_limits<std::int64_t>::max() / size ||
        static_cast<std::uint64_t>(numel * size) != data_.size()) {
      fail("there are ", data_.size(), " bytes of data, which do not fill the shape ", *shape_, " of ", *dtype_);
    }
    file_.tensors.push_back({keys_[1], Tensor(*shape_, *dtype_, data_.release())});
  }

  WeightsFile file_;
  bool has_version_ = false;
  std::vector<std::string> keys_;  // of each open object, the last one
  bool in_array_ = false;
  std::size_t count_ = 0;  // numbers in the open array
  std::size_t texts_ = 0;  // bytes for all texts
  std::optional<DType> dtype_;
  std::optional<Shape> shape_;
  GrowingMemory data_;
};

}  // namespace

WeightsFile read_minnow(Source& source) {
  MinnowReader reader;
  parse_json(source, reader);
  return reader.take();
}

}  // namespace minnow
