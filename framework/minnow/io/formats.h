#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <minnow/io/file.h>
#include <minnow/io/source.h>
#include <minnow/io/stored.h>
#include <minnow/io/tensors.h>

namespace minnow {

// The readers and writers behind read_weights and write_weights, one pair per format.

/// The two forms of JSON that are read, for errors about text that has neither.
inline constexpr std::string_view kJsonForms =
    R"(weights in JSON are {"NAME": numbers in nested lists, ...} or, with "format" first, )"
    R"({"format": "minnow", "version": 1, "tensors": {"NAME": {"dtype": ..., "shape": ..., "data": ...}, ...}})";

WeightsFile read_lists(Source& source);
void write_lists(const WeightsFile& file, OutputFile& out);

WeightsFile read_minnow(Source& source);
void write_minnow(const WeightsFile& file, OutputFile& out);

/// What stands in Minnow's own file before its tensors, from the opening brace to the last value of the metadata.
std::string minnow_metadata(const WeightsFile& file);

/// `bytes` are a whole file. Tensors share them where `owner`, which keeps them alive, is given, and are copies
/// elsewhere, of which `bytes` must still be there when they are read.
detail::StoredWeights read_safetensors(std::span<const std::byte> bytes, std::shared_ptr<std::byte> owner);
void write_safetensors(const WeightsFile& file, OutputFile& out);

}  // namespace minnow
