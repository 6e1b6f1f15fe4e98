#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "io/weights_support.h"

#include <minnow/io/file.h>
#include <minnow/io/image.h>

namespace {

using namespace minnow;
using test::content;
using test::expect_error;
using test::Folder;
using test::put;

TEST(OutputFile, AppearsWithCommitAndLeavesNothingBeside) {
  const Folder folder;
  const std::string large(1'000'000, 'x');
  {
    OutputFile out(folder / "a");
    out.write("head ");
    out.write(large);
    out.write(" tail");
    EXPECT_FALSE(exists(folder / "a"));
    out.commit();
  }
  EXPECT_EQ(content(folder / "a"), "head " + large + " tail");
  EXPECT_EQ(folder.size(), 1u);
}

TEST(OutputFile, WithoutCommitLeavesTheOldFileAlone) {
  const Folder folder;
  put(folder / "a", "old");
  { OutputFile(folder / "a").write("new"); }
  EXPECT_EQ(content(folder / "a"), "old");
  EXPECT_EQ(folder.size(), 1u);
}

TEST(OutputFile, KeepsALinkAndThePermissionsOfWhatItReplaces) {
  using std::filesystem::perms;
  const Folder folder;
  put(folder / "a", "old");
  permissions(folder / "a", perms::owner_read | perms::owner_write);
  create_symlink(folder / "a", folder / "link");
  OutputFile out(folder / "link");
  out.write("new");
  out.commit();
  EXPECT_TRUE(is_symlink(folder / "link"));
  EXPECT_EQ(content(folder / "a"), "new");
  EXPECT_EQ(status(folder / "a").permissions(), perms::owner_read | perms::owner_write);
}

TEST(OutputFile, MakesWhatALinkToNothingNames) {
  const Folder folder;
  create_directory(folder / "below");
  create_symlink("below/a", folder / "second");
  create_symlink("second", folder / "first");
  OutputFile out(folder / "first");
  out.write("new");
  out.commit();
  EXPECT_TRUE(is_symlink(folder / "first") && is_symlink(folder / "second"));
  EXPECT_EQ(content(folder / "below/a"), "new");
  create_symlink("round", folder / "round");
  expect_error([&] { OutputFile in_a_circle(folder / "round"); }, "levels of symbolic links");
}

TEST(OutputFile, TakesTheLongestNameThereIs) {
  const Folder folder;
  const std::string name(255, 'n');
  OutputFile out(folder / name);
  out.commit();
  EXPECT_TRUE(exists(folder / name));
}

TEST(OutputFile, LeavesNothingBehindWhereTheProcessIsKilled) {
  const Folder folder;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    try {
      OutputFile out(folder / "a");
      out.write(std::string(1'000'000, 'x'));
      std::raise(SIGKILL);
    } catch (...) {  // and let no second run of tests begin here
    }
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  const int nameless = ::open((folder / "").c_str(), O_TMPFILE | O_WRONLY, 0600);
  if (nameless < 0) GTEST_SKIP() << "this file system has no files without names";
  ::close(nameless);
  EXPECT_EQ(folder.size(), 0u);
}

TEST(OutputFile, RefusesWhatIsNoFile) {
  const Folder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  expect_error([&] { OutputFile out(folder / "pipe"); }, "no regular file");
  expect_error([&] { OutputFile out("/dev/null"); }, "no regular file");
  EXPECT_TRUE(is_fifo(folder / "pipe"));
  expect_error([&] { OutputFile out(folder / ""); }, "folder");
  expect_error([&] { OutputFile out(folder / "absent/a"); }, "No such file");
  expect_error([&] { OutputFile out(""); }, "names no file");
  expect_error([&] { OutputFile out(folder / "absent/"); }, "names no file");
  expect_error([&] { OutputFile out(folder / std::string(256, 'n')); }, "name too long");
}

TEST(InputFile, ReadsInPiecesOfAnySize) {
  const Folder folder;
  put(folder / "a", "abcdefg");
  InputFile file(folder / "a");
  EXPECT_EQ(file.size(), 7u);
  std::string piece(3, '\0'), all;
  while (const std::size_t count = file.read(piece)) all += piece.substr(0, count);
  EXPECT_EQ(all, "abcdefg");
}

TEST(InputFile, MapsPrivately) {
  const Folder folder;
  put(folder / "a", "abcdefg");
  const auto map = InputFile(folder / "a").map();
  EXPECT_EQ(static_cast<char>(map.get()[6]), 'g');
  map.get()[0] = std::byte{'X'};
  EXPECT_EQ(content(folder / "a"), "abcdefg");
}

TEST(InputFile, RefusesWhatIsNoFile) {
  const Folder folder;
  expect_error([&] { InputFile file(folder / ""); }, "folder");
  expect_error([&] { InputFile file(folder / "absent"); }, "No such file");
  expect_error([&] { (void)read_image(""); }, "\"\": ");
  expect_error([&] { InputFile file("/dev/null"); }, "no regular file");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  expect_error([&] { InputFile file(folder / "pipe"); }, "no regular file");  // rather than wait for a writer
}

}  // namespace
