#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include <minnow/core/error.h>
#include <minnow/io/file.h>

namespace minnow {
namespace {

constexpr std::size_t kBufferSize = 1 << 18;

[[noreturn]] void fail_system(const char* action) { fail("cannot ", action, ": ", std::strerror(errno)); }

// A link stays a link: its target is what gets replaced.
std::filesystem::path target_of(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path target = std::filesystem::canonical(path, error);
  return error ? path : target;
}

}  // namespace

std::string shown_path(const std::filesystem::path& path) { return path.empty() ? "\"\"" : path.string(); }

// (O_NONBLOCK: a pipe without a writer would be waited for. It changes nothing for files.)
InputFile::InputFile(const std::filesystem::path& path)
    : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (descriptor_ < 0) fail_system("open");
  struct stat status {};
  const bool known = ::fstat(descriptor_, &status) == 0;
  if (!known || !S_ISREG(status.st_mode)) {
    ::close(descriptor_);
    fail(known && S_ISDIR(status.st_mode) ? "this is a folder, not a file" : "this is no regular file");
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

InputFile::~InputFile() { ::close(descriptor_); }

std::size_t InputFile::read(std::span<char> buffer) {
  std::size_t count = 0;
  while (count < buffer.size()) {
    const ssize_t got = ::read(descriptor_, buffer.data() + count, buffer.size() - count);
    if (got == 0) break;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_system("read");
    count += static_cast<std::size_t>(got);
  }
  return count;
}

std::shared_ptr<std::byte> InputFile::map() const {
  if (size_ == 0) fail("the file is empty");
  void* memory = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor_, 0);
  if (memory == MAP_FAILED) fail_system("map");
  return {static_cast<std::byte*>(memory), [size = size_](std::byte* start) { ::munmap(start, size); }};
}

OutputFile::OutputFile(const std::filesystem::path& path) : path_(target_of(path)) {
  static std::atomic<unsigned> counter = 0;
  struct stat status {};
  const bool exists = ::stat(path_.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) fail("cannot write: this is a folder");
  do {
    temporary_ = path_;
    temporary_ += str(".", ::getpid(), ".", counter++, ".part");
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (descriptor_ < 0 && errno == EEXIST);
  if (descriptor_ < 0) fail_system("write");
  if (exists) (void)::fchmod(descriptor_, status.st_mode & 07777);
  buffer_.reserve(kBufferSize);
}

OutputFile::~OutputFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void OutputFile::write(std::string_view text) {
  if (buffer_.size() + text.size() > kBufferSize) flush();
  if (text.size() > kBufferSize) {
    put(text.data(), text.size());
  } else {
    buffer_ += text;
  }
}

void OutputFile::write(std::span<const std::byte> bytes) {
  write(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void OutputFile::flush() {
  put(buffer_.data(), buffer_.size());
  buffer_.clear();
}

void OutputFile::put(const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t done = ::write(descriptor_, data, size);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail_system("write");
    data += done;
    size -= static_cast<std::size_t>(done);
  }
}

void OutputFile::commit() {
  flush();
  if (::fsync(descriptor_) != 0) fail_system("write");
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail_system("write");
  ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace minnow
