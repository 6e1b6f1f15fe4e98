#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <initializer_list>
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
constexpr std::string_view kAny;  // a key, whatever it is

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
    const bool known = at({kAny}) || at({"model", kAny}) || at({"model", "options", kAny}) || at({"preset", kAny}) ||
                       at({"provenance", kAny}) || at({"tensors", kAny}) || at({"tensors", kAny, kAny});
    if (!known || in_array_) unexpected("an object");
    if (at({"preset", kAny})) file_.preset.emplace();
    if (at({"tensors", kAny, kAny})) {
      dtype_.reset();
      shape_.reset();
      data_.cut(0);
    }
  }
  void key(std::string_view name) override { keys_.back() = name; }
  void end_object() override {
    if (!is_skipping() && at({"tensors", kAny, kAny})) finish_tensor();
    keys_.pop_back();
  }

  void begin_array() override {
    if (is_skipping()) return;
    const bool known = at({"labels"}) || at({"preset", "mean"}) || at({"preset", "std"}) ||
                       at({"tensors", kAny, "shape"}) || at({"tensors", kAny, "data"});
    if (!known || in_array_) unexpected("an array");
    in_array_ = true;
    count_ = 0;
    if (at({"tensors", kAny, "shape"})) shape_.emplace();
  }
  void end_array() override {
    if (is_skipping()) return;
    in_array_ = false;
    if (at({"preset", kAny}) && count_ != 3) fail("the preset's ", keys_.back(), " has ", count_, " numbers, not 3");
  }

  void string(std::string_view value) override {
    if (is_skipping()) return;
    if (in_array_ && at({"tensors", kAny, "data"})) return decode(value);
    texts_ += value.size() + sizeof(std::string);
    if (texts_ > most_texts) fail("labels and other texts take more than ", most_texts >> 20, " MiB");
    if (in_array_ && at({"labels"})) {
      file_.labels.emplace_back(value);
    } else if (in_array_) {
      unexpected("a string");
    } else if (at({"format"})) {
      if (value != "minnow") fail("the format is called \"", shown(value), "\", not \"minnow\"; ", kJsonForms);
    } else if (at({"model", "name"})) {
      file_.model = value;
    } else if (at({"preset", "interpolation"})) {
      file_.preset->interpolation = interpolation_from_name(value);
    } else if (at({"provenance", kAny})) {
      file_.provenance[keys_.back()] = value;
    } else if (at({"tensors", kAny, "dtype"})) {
      set_dtype(value);
    } else {
      unexpected("a string");
    }
  }

  void integer(std::int64_t value) override {
    if (is_skipping()) return;
    if (in_array_ && at({"tensors", kAny, "shape"})) {
      if (value < 0) fail("the size ", value, " is negative");
      shape_->push_back(value);
    } else if (!in_array_ && at({"version"})) {
      if (value != 1) fail("version ", value, " of the format is not the one known here, 1");
      has_version_ = true;
    } else if (!in_array_ && at({"preset", "resize"})) {
      file_.preset->resize = value;
    } else if (!in_array_ && at({"preset", "crop"})) {
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
  // Whether these are the keys on the way to where it stands; behind `{` the last one is yet to come.
  bool at(std::initializer_list<std::string_view> keys) const {
    const auto same = [](const std::string& key, std::string_view wanted) { return wanted == kAny || key == wanted; };
    return std::ranges::equal(keys_, keys, same);
  }

  void set_number(float value, double precise) {
    const bool is_mean = at({"preset", "mean"});
    if (in_array_ && (is_mean || at({"preset", "std"}))) {
      if (count_ < 3) (is_mean ? file_.preset->mean : file_.preset->std)[count_] = value;
      ++count_;
    } else if (!in_array_ && at({"model", "options", kAny})) {
      file_.options[keys_[2]] = precise;
    } else if (!in_array_ && (at({"preset", "resize"}) || at({"preset", "crop"}))) {
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
