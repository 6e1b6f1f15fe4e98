#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace minnow {

/// How errors name a file: its path, or a pair of quotes where that is empty.
std::string shown_path(const std::filesystem::path& path);

/// A regular file, open for reading. Throws where there is none, or where it is a folder.
class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  std::uint64_t size() const { return size_; }
  /// Fills `buffer` from where the last read ended; fewer bytes than asked for mean the end of the file.
  std::size_t read(std::span<char> buffer);
  /// The whole file as memory that is read when touched. Writes to it stay private to the process. The file must keep
  /// its length as long as the memory is in use; replacing it by `OutputFile` is safe.
  std::shared_ptr<std::byte> map() const;

 private:
  int descriptor_;
  std::uint64_t size_;
};

/// A file that appears whole or not at all: written in the folder of its place and renamed into that by `commit`.
/// Without `commit` nothing is left behind, on Linux's own file systems not even where the process is killed. Throws
/// where the folder or the disk does not take it, and where something else than a regular file is to be replaced.
class OutputFile {
 public:
  explicit OutputFile(const std::filesystem::path& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view text);
  void write(std::span<const std::byte> bytes);
  void commit();

 private:
  void flush();
  void put(const char* data, std::size_t size);
  /// Finds a name for the file beside its place, under which `create` makes it: returns a negative number, with errno,
  /// where it cannot.
  void name(const std::function<int()>& create);

  std::filesystem::path path_, temporary_;  // no temporary: the file has no name yet
  int descriptor_ = -1;
  std::string buffer_;
};

}  // namespace minnow
