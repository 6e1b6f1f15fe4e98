#include <algorithm>
#include <unordered_set>

#include <minnow/core/error.h>
#include <minnow/io/file.h>
#include <minnow/io/formats.h>

namespace minnow {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

std::string_view skip(std::string_view text, std::string_view characters) {
  text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
  return text;
}

// Whether the first key is "format" and its value a string: no state_dict begins so.
bool is_minnow(std::string_view text) {
  constexpr std::string_view key = "\"format\"";
  text = skip(text.substr(1), kBlank);
  if (!text.starts_with(key)) return false;
  text = skip(text.substr(key.size()), kBlank);
  return text.starts_with(':') && skip(text.substr(1), kBlank).starts_with('"');
}

WeightsFormat sniff(std::string_view start) {
  if (start.empty()) fail("the file is empty");
  // The first eight bytes of safetensors are the length of the JSON behind them, far below 4 GiB.
  const bool has_length = start.size() > 8 && start[8] == '{' && start.substr(4, 4) == std::string(4, '\0');
  if (has_length) return WeightsFormat::safetensors;
  // A zip archive, or, of torch before 1.6, a pickle.
  if (start.starts_with("PK\3\4") || start.starts_with("\x80\2")) {
    fail("this is a checkpoint of torch.save: tools/export_weights.py converts it");
  }
  std::string_view text = start;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  text = skip(text, kBlank);
  // What is damaged: the beginning of a text contains no zero.
  const bool is_binary = start.substr(0, 8).find('\0') != std::string_view::npos;
  if (is_binary || (start.size() > 8 && start[8] == '{' && !text.starts_with('{'))) return WeightsFormat::safetensors;
  if (!text.starts_with('{') && !text.starts_with('[')) fail("this is neither JSON nor safetensors");
  return is_minnow(text) ? WeightsFormat::minnow : WeightsFormat::lists;
}

detail::StoredWeights read_json(Source& source, WeightsFormat format) {
  return detail::stored(format == WeightsFormat::minnow ? read_minnow(source) : read_lists(source));
}

detail::StoredWeights open_file(const std::filesystem::path& path) {
  InputFile file(path);
  Source source(file);
  const WeightsFormat format = sniff(source.window());
  if (format != WeightsFormat::safetensors) return read_json(source, format);
  const std::shared_ptr<std::byte> map = file.map();
  return read_safetensors({map.get(), file.size()}, map);
}

detail::StoredWeights open_bytes(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const WeightsFormat format = sniff(text);
  if (format == WeightsFormat::safetensors) return read_safetensors(bytes, nullptr);
  Source source(text);
  return read_json(source, format);
}

WeightsFile read_values(detail::StoredWeights stored) {
  return detail::errors_from(stored.source, [&] {
    WeightsFile file = std::move(stored.about);
    for (detail::StoredTensor& tensor : stored.tensors) {
      file.tensors.push_back({std::move(tensor.name), tensor.read()});
    }
    return file;
  });
}

template <class Open>
detail::StoredWeights open_named(std::string source, Open&& open) {
  detail::StoredWeights result = detail::errors_from(source, open);
  result.source = std::move(source);
  return result;
}

void check_tensors(const WeightsFile& file) {
  std::unordered_set<std::string_view> names;
  for (const NamedTensor& tensor : file.tensors) {
    if (!names.insert(tensor.name).second) fail("two tensors are called \"", tensor.name, '"');
    if (tensor.value.is_symbolic()) fail("tensor \"", tensor.name, "\" is symbolic: it has no values");
  }
}

}  // namespace

const Tensor* WeightsFile::find(std::string_view name) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const auto& t) { return t.name == name; });
  return found == tensors.end() ? nullptr : &found->value;
}

WeightsFormat format_of(const std::filesystem::path& path) {
  if (path.extension() == ".json") return WeightsFormat::minnow;
  if (path.extension() == ".safetensors") return WeightsFormat::safetensors;
  fail(shown_path(path), ": a file of weights is called .json or .safetensors");
}

WeightsFile read_weights(const std::filesystem::path& path) { return read_values(detail::open_weights(path)); }

WeightsFile read_weights(std::span<const std::byte> bytes) { return read_values(detail::open_weights(bytes)); }

detail::StoredWeights detail::open_weights(const std::filesystem::path& path) {
  return open_named(shown_path(path), [&] { return open_file(path); });
}

detail::StoredWeights detail::open_weights(std::span<const std::byte> bytes) {
  return open_named("weights in memory", [&] { return open_bytes(bytes); });
}

detail::StoredWeights detail::stored(WeightsFile file) {
  StoredWeights result;
  for (NamedTensor& tensor : file.tensors) {
    const Tensor value = std::move(tensor.value);
    result.tensors.push_back({std::move(tensor.name), value.shape(), value.dtype(), [value] { return value; }});
  }
  file.tensors.clear();
  result.about = std::move(file);
  return result;
}

void write_weights(const WeightsFile& file, const std::filesystem::path& path, WeightsFormat format) {
  detail::errors_from(shown_path(path), [&] {
    check_tensors(file);
    OutputFile out(path);
    if (format == WeightsFormat::minnow) write_minnow(file, out);
    if (format == WeightsFormat::safetensors) write_safetensors(file, out);
    if (format == WeightsFormat::lists) write_lists(file, out);
    out.commit();
  });
}

}  // namespace minnow
