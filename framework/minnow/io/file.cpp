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

// A link stays a link: what it leads to is what gets replaced, or made where links lead to nothing.
std::filesystem::path target_of(std::filesystem::path path, bool exists) {
  if (exists) return std::filesystem::canonical(path);
  while (is_symlink(symlink_status(path))) path = path.parent_path() / read_symlink(path);
  return path;
}

// A file without a name, which is gone with the process, or -1 where the file system has no such files.
int open_nameless(const std::filesystem::path& folder) {
#ifdef O_TMPFILE
  if (::access("/proc/self/fd", X_OK) == 0) {  // through which it gets a name
    return ::open(folder.empty() ? "." : folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  }
#endif
  return -1;
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

OutputFile::OutputFile(const std::filesystem::path& path) {
  buffer_.reserve(kBufferSize);
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (!exists && errno != ENOENT) fail_system("write");
  if (exists && S_ISDIR(status.st_mode)) fail("cannot write: this is a folder");
  if (exists && !S_ISREG(status.st_mode)) fail("cannot write: this is no regular file");
  try {
    path_ = target_of(path, exists);
  } catch (const std::filesystem::filesystem_error& error) {  // a link to a file that was deleted, but is still open
    fail("cannot write: ", error.code().message());
  }
  if (path_.filename().empty()) fail("cannot write: the path names no file");
  descriptor_ = open_nameless(path_.parent_path());
  if (descriptor_ < 0) {
    name([&] {
      descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      return descriptor_;
    });
  }
  if (exists) (void)::fchmod(descriptor_, status.st_mode & 07777);
}

OutputFile::~OutputFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::name(const std::function<int()>& create) {
  static std::atomic<unsigned> counter = 0;
  int done = 0;
  do {
    temporary_ = path_.parent_path() / str("minnow-", ::getpid(), "-", counter++, ".part");
    done = create();
  } while (done < 0 && errno == EEXIST);
  if (done >= 0) return;
  temporary_.clear();
  fail_system("write");
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
  if (temporary_.empty()) {
    const std::string nameless = str("/proc/self/fd/", descriptor_);
    name([&] { return ::linkat(AT_FDCWD, nameless.c_str(), AT_FDCWD, temporary_.c_str(), AT_SYMLINK_FOLLOW); });
  }
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail_system("write");
  ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace minnow
