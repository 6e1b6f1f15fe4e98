#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <minnow/core/error.h>
#include <minnow/core/nearest.h>
#include <minnow/io/json.h>
#include <minnow/nn/serialize.h>

namespace minnow::nn {
namespace {

constexpr std::string_view kWrapper = "module.";  // what torch's DataParallel puts in front of every name
constexpr std::string_view kCounter = "num_batches_tracked";

TensorSpec spec_of(const Tensor& tensor) { return {tensor.shape(), tensor.dtype()}; }

Tensor copy_of(const Tensor& value) {
  Tensor result = empty(value.shape(), value.dtype());
  std::copy_n(value.storage().get(), value.nbytes(), result.storage().get());
  return result;
}

// The value in another dtype; undefined where that would lose a fraction.
Tensor converted(const Tensor& value, DType dtype) {
  if (value.dtype() == dtype) return value;
  Tensor result = empty(value.shape(), dtype);
  if (dtype == DType::float32) {
    std::transform(value.span<std::int64_t>().begin(), value.span<std::int64_t>().end(), result.data(),
                   [](std::int64_t element) { return static_cast<float>(element); });
    return result;
  }
  constexpr float limit = 9.2e18f;
  for (std::int64_t i = 0; i < value.numel(); ++i) {
    const float element = value.data()[i];
    if (!(std::abs(element) < limit) || element != std::trunc(element)) return {};
    result.data<std::int64_t>()[i] = static_cast<std::int64_t>(element);
  }
  return result;
}

// Gives each of `names` the nearest of `partners`; of all names on the other side where there are no partners. Not for
// so many that it would take long: their nearest names would help nobody.
void find_nearest(std::vector<LoadReport::Name>& names, const std::vector<LoadReport::Name>& partners,
                  std::vector<std::string> all) {
  if (!partners.empty()) all.clear();
  for (const LoadReport::Name& partner : partners) all.push_back(partner.name);
  std::size_t longest = 0;
  for (const LoadReport::Name& entry : names) longest = std::max(longest, entry.name.size());
  for (const std::string& candidate : all) longest = std::max(longest, candidate.size());
  const std::size_t steps = longest <= 64 ? 200 : longest * longest;  // to compare two names
  constexpr std::size_t most = 200'000'000;
  if (names.size() * all.size() > most / steps) return;
  for (LoadReport::Name& entry : names) {
    std::vector<std::string> found = nearest_names(entry.name, all, 1);
    if (!found.empty()) entry.nearest = std::move(found.front());
  }
}

// Finds out which of the file's tensors go where, before anything is written.
class Loading {
 public:
  Loading(const Module& module, const WeightsFile& file) : state_(module.state_dict()) {
    std::unordered_map<std::string_view, const NamedParameter*> places;
    for (const NamedParameter& entry : state_) places.emplace(entry.name, &entry);
    for (const NamedTensor& tensor : file.tensors) {
      std::string_view name = tensor.name;
      if (!places.contains(name) && name.starts_with(kWrapper)) name.remove_prefix(kWrapper.size());
      const auto place = places.find(name);
      if (place != places.end() && !values_.contains(name)) {
        match(*place->second, tensor.value);
      } else {
        report.unexpected.push_back({tensor.name, ""});
      }
    }
    for (const auto& [name, parameter] : state_) {
      if (!values_.contains(name) && !name.ends_with(kCounter)) report.missing.push_back({name, ""});
    }
    std::vector<std::string> in_model, in_file;
    for (const NamedParameter& entry : state_) in_model.push_back(entry.name);
    for (const NamedTensor& tensor : file.tensors) in_file.push_back(tensor.name);
    find_nearest(report.missing, report.unexpected, std::move(in_file));
    find_nearest(report.unexpected, report.missing, std::move(in_model));
  }

  // Writes what matched. Cannot fail.
  void commit(bool copy) const {
    for (const auto& [name, parameter] : state_) {
      const auto value = values_.find(name);
      if (value != values_.end() && value->second.defined()) {
        parameter.assign(copy ? copy_of(value->second) : value->second);
      }
    }
  }

  LoadReport report;

 private:
  void match(const NamedParameter& place, const Tensor& value) {
    const Parameter& parameter = place.parameter;
    const bool scalar = parameter.shape() == Shape{} && value.shape() == Shape{1};  // as torch 0.3 wrote counters
    const bool fits = scalar || value.shape() == parameter.shape();
    const Tensor result = fits ? converted(value.with_shape(parameter.shape()), parameter.dtype()) : Tensor();
    if (!result.defined()) {
      report.misshapen.push_back({place.name, {parameter.shape(), parameter.dtype()}, spec_of(value)});
    }
    values_.emplace(place.name, result);
  }

  StateDict state_;
  std::unordered_map<std::string_view, Tensor> values_;  // by names in state_
};

LoadReport load(Module& module, const WeightsFile& file, const LoadOptions& options, bool copy,
                const std::string& source) {
  const Loading loading(module, file);
  if (options.strict && !loading.report.empty()) fail(source, "the weights do not fit the model: ", loading.report);
  loading.commit(copy);
  return loading.report;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const LoadReport& report) {
  constexpr std::size_t most = 1000;  // lines of a kind
  const auto write = [&](const char* what, const auto& entries, const auto& write_entry) {
    for (std::size_t i = 0; i < std::min(entries.size(), most); ++i) {
      out << "\n  " << what << ' ' << shown(entries[i].name);
      write_entry(entries[i]);
    }
    if (entries.size() > most) out << "\n  and " << entries.size() - most << " more " << what;
  };
  const auto nearest = [&out](const char* where) {
    return [&out, where](const LoadReport::Name& entry) {
      if (!entry.nearest.empty()) out << " (nearest in the " << where << ": " << shown(entry.nearest) << ')';
    };
  };
  out << report.missing.size() << " missing, " << report.unexpected.size() << " unexpected, " << report.misshapen.size()
      << " misshapen";
  write("missing", report.missing, nearest("file"));
  write("unexpected", report.unexpected, nearest("model"));
  write("misshapen", report.misshapen, [&out](const LoadReport::Misshapen& entry) {
    out << ": expected " << entry.expected.dtype << ' ' << entry.expected.shape << ", got " << entry.found.dtype << ' '
        << entry.found.shape;
  });
  return out;
}

LoadReport load(Module& module, const std::filesystem::path& path, const LoadOptions& options) {
  return load(module, read_weights(path), options, false, path.string() + ": ");
}

LoadReport load(Module& module, std::span<const std::byte> bytes, const LoadOptions& options) {
  return load(module, read_weights(bytes), options, false, "weights in memory: ");
}

LoadReport load(Module& module, const WeightsFile& file, const LoadOptions& options) {
  return load(module, file, options, true, "");
}

LoadReport load(Module& module, WeightsFile&& file, const LoadOptions& options) {
  return load(module, file, options, false, "");
}

void save(const Module& module, const std::filesystem::path& path, const SaveOptions& options) {
  write_weights(weights_of(module), path, options.format ? *options.format : format_of(path));
}

WeightsFile weights_of(const Module& module) {
  WeightsFile file;
  for (const auto& [name, parameter] : module.state_dict()) file.tensors.push_back({name, parameter.value()});
  return file;
}

}  // namespace minnow::nn
