#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <minnow/core/error.h>
#include <minnow/core/nearest.h>
#include <minnow/io/json.h>
#include <minnow/io/stored.h>
#include <minnow/nn/serialize.h>
#include <minnow/ops/clone.h>
#include <minnow/ops/to.h>

namespace minnow::nn {
namespace {

constexpr std::string_view kWrapper = "module.";  // what torch's DataParallel puts in front of every name
constexpr std::string_view kCounter = "num_batches_tracked";

using minnow::detail::StoredTensor, minnow::detail::StoredWeights;

Tensor copy_of(const Tensor& value) { return evaluate(CloneOp(), {&value, 1}).front(); }

// The value in another dtype; undefined where that would lose a fraction.
Tensor converted(const Tensor& value, DType dtype) {
  if (value.dtype() == dtype) return value;
  if (dtype == DType::float32) return evaluate(ToOp(dtype), {&value, 1}).front();
  Tensor result = empty(value.shape(), dtype);
  constexpr float limit = 9.2e18f;
  for (std::int64_t i = 0; i < value.numel(); ++i) {
    const float element = value.data()[i];
    if (!(std::abs(element) < limit) || element != std::trunc(element)) return {};
    result.data<std::int64_t>()[i] = static_cast<std::int64_t>(element);
  }
  return result;
}

std::string_view without_wrapper(std::string_view name) {
  if (name.starts_with(kWrapper)) name.remove_prefix(kWrapper.size());
  return name;
}

// Gives each of `names` the nearest of `partners`; of all names on the other side where there are no partners. Not for
// so many that it would take long: their nearest names would help nobody. A wrapper's prefix does not count.
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
  std::vector<std::string> bare;
  for (const std::string& candidate : all) bare.emplace_back(without_wrapper(candidate));
  for (LoadReport::Name& entry : names) {
    const std::vector<std::string> found = nearest_names(without_wrapper(entry.name), bare, 1);
    if (!found.empty()) entry.nearest = all[static_cast<std::size_t>(std::ranges::find(bare, found[0]) - bare.begin())];
  }
}

// Finds out which of the file's tensors go where, before anything is written.
class Loading {
 public:
  Loading(const Module& module, const StoredWeights& file) : state_(module.state_dict()) {
    std::unordered_map<std::string_view, const NamedParameter*> places;
    for (const NamedParameter& entry : state_) places.emplace(entry.name, &entry);
    for (const StoredTensor& tensor : file.tensors) {
      if (const auto place = places.find(tensor.name); place != places.end()) match(*place->second, tensor);
    }
    for (const StoredTensor& tensor : file.tensors) {  // those that are called so but for a wrapper
      if (places.contains(tensor.name)) continue;
      const auto place = places.find(without_wrapper(tensor.name));
      if (place != places.end() && !matches_.contains(place->first)) {
        match(*place->second, tensor);
      } else {
        report.unexpected.push_back({tensor.name, ""});
      }
    }
    for (const auto& [name, parameter] : state_) {
      if (!matches_.contains(name) && !name.ends_with(kCounter)) report.missing.push_back({name, ""});
    }
    std::vector<std::string> in_model, in_file;
    for (const NamedParameter& entry : state_) in_model.push_back(entry.name);
    for (const StoredTensor& tensor : file.tensors) in_file.push_back(tensor.name);
    find_nearest(report.missing, report.unexpected, std::move(in_file));
    find_nearest(report.unexpected, report.missing, std::move(in_model));
  }

  // Reads what matched, and writes it when all of it is there.
  void commit() {
    for (const auto& [name, parameter] : state_) {
      const auto found = matches_.find(name);
      if (found == matches_.end() || !found->second.unread) continue;
      Match& match = found->second;
      match.value = converted(match.unread->read().with_shape(parameter.shape()), parameter.dtype());
    }
    for (const auto& [name, parameter] : state_) {
      const auto match = matches_.find(name);
      if (match != matches_.end() && match->second.value.defined()) parameter.assign(match->second.value);
    }
  }

  LoadReport report;

 private:
  struct Match {
    const StoredTensor* unread = nullptr;
    Tensor value = {};
  };

  void match(const NamedParameter& place, const StoredTensor& tensor) {
    const Parameter& parameter = place.parameter;
    const bool scalar = parameter.shape() == Shape{} && tensor.shape == Shape{1};  // as torch 0.3 wrote counters
    const bool fits = scalar || tensor.shape == parameter.shape();
    Match match;
    if (fits && parameter.dtype() == DType::float32) {
      match.unread = &tensor;
    } else if (fits) {  // a counter, whose value shows whether it is whole
      match.value = converted(tensor.read().with_shape(parameter.shape()), parameter.dtype());
    }
    if (!match.unread && !match.value.defined()) {
      report.misshapen.push_back({place.name, {parameter.shape(), parameter.dtype()}, {tensor.shape, tensor.dtype}});
    }
    matches_.emplace(place.name, match);
  }

  StateDict state_;
  std::unordered_map<std::string_view, Match> matches_;  // by names in state_
};

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
  return load(module, minnow::detail::open_weights(path), options);
}

LoadReport load(Module& module, std::span<const std::byte> bytes, const LoadOptions& options) {
  return load(module, minnow::detail::open_weights(bytes), options);
}

LoadReport load(Module& module, const WeightsFile& file, const LoadOptions& options) {
  StoredWeights copies = minnow::detail::stored(file);
  for (StoredTensor& tensor : copies.tensors) {
    tensor.read = [read = std::move(tensor.read)] { return copy_of(read()); };
  }
  return load(module, copies, options);
}

LoadReport load(Module& module, WeightsFile&& file, const LoadOptions& options) {
  return load(module, minnow::detail::stored(std::move(file)), options);
}

LoadReport load(Module& module, const StoredWeights& file, const LoadOptions& options) {
  return minnow::detail::errors_from(file.source, [&] {
    Loading loading(module, file);
    if (options.strict && !loading.report.empty()) fail("the weights do not fit the model: ", loading.report);
    loading.commit();
    return loading.report;
  });
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
