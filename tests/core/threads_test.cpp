#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include <minnow/core/cgroup.h>
#include <minnow/core/threads.h>

#include "support.h"

namespace minnow {
namespace {

namespace fs = std::filesystem;

TEST(Threads, AreAtLeastOneAndAsManyAsAskedFor) {
  const int before = num_threads();
  EXPECT_GE(before, 1);
  set_num_threads(3);
  EXPECT_EQ(num_threads(), 3);
  set_num_threads(before);
  test::expect_error([] { set_num_threads(0); }, "set_num_threads: expected 1 to 1024, got 0");
  test::expect_error([] { set_num_threads(100'000); }, "set_num_threads: expected 1 to 1024, got 100000");
}

TEST(Threads, ShareRangesThatCoverEachItemOnce) {
  const int before = num_threads();
  set_num_threads(3);
  for (const std::int64_t count : {1, 2, 3, 4, 10}) {
    for (const std::int64_t grain : {0, 1, 2, 4, 100}) {
      std::vector<std::atomic<int>> seen(10), workers(3);
      parallel_for_workers(count, grain, 2, [&](int worker, std::int64_t first, std::int64_t last) {
        EXPECT_LT(worker, 2);
        EXPECT_LT(worker * std::max<std::int64_t>(grain, 1), count);
        ++workers[static_cast<std::size_t>(worker)];
        for (std::int64_t i = first; i < last; ++i) ++seen[static_cast<std::size_t>(i)];
      });
      for (std::int64_t i = 0; i < 10; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i < count);
      for (const auto& ranges : workers) EXPECT_LE(ranges, 1);
    }
  }
  set_num_threads(before);
}

// Adds one to each of `count` numbers, of which `seen` has room for ten.
void count_in(std::vector<std::atomic<int>>& seen, std::int64_t count, std::int64_t grain) {
  parallel_for(count, grain, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) ++seen[static_cast<std::size_t>(i)];
  });
}

TEST(Threads, OfATeamShareOneLoopAfterAnother) {
  const int before = num_threads();
  for (const int threads : {1, 2, 3, 5}) {
    set_num_threads(threads);
    std::vector<std::atomic<int>> seen(10);
    with_team(4, [&] {
      for (int loop = 0; loop < 1000; ++loop) count_in(seen, 1 + loop % 10, 1 + loop % 3);
      std::this_thread::sleep_for(std::chrono::milliseconds(30));  // after which the others sleep, too
      for (int loop = 0; loop < 1000; ++loop) count_in(seen, 10, 1);
    });
    for (int i = 0; i < 10; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], 1000 + 100 * (10 - i));
  }
  set_num_threads(before);
}

TEST(Threads, OfATeamAreNoMoreThanEitherItOrALoopMayHave) {
  const int before = num_threads();
  set_num_threads(5);
  const auto workers_of = [](int most) {
    std::vector<std::atomic<int>> ranges(5);
    parallel_for_workers(5, 1, most,
                         [&](int worker, std::int64_t, std::int64_t) { ++ranges[static_cast<std::size_t>(worker)]; });
    std::vector<int> result;
    for (int worker = 0; worker < 5; ++worker)
      result.insert(result.end(), ranges[static_cast<std::size_t>(worker)], worker);
    return result;
  };
  with_team(3, [&] {
    EXPECT_EQ(workers_of(5), (std::vector<int>{0, 1, 2}));
    EXPECT_EQ(workers_of(2), (std::vector<int>{0, 1}));
    EXPECT_EQ(workers_of(1), (std::vector<int>{0}));
  });
  set_num_threads(before);
}

TEST(Threads, OfATeamThatAreFreeServeLoopsOfOtherCalls) {
  const int before = num_threads();
  set_num_threads(2);
  std::atomic<int> stage = 0;
  std::thread first([&] {
    with_team(2, [&] {
      stage = 1;
      stage.wait(1);
    });
    stage = 3;
    stage.notify_all();
  });
  while (stage < 1) std::this_thread::yield();
  const auto most_worker = [] {
    std::atomic<int> most = 0;
    parallel_for_workers(2, 1, 2, [&](int worker, std::int64_t, std::int64_t) {
      if (worker > most) most = worker;
    });
    return most.load();
  };
  with_team(2, [&] {  // gets the calling thread alone, until the other call has ended
    EXPECT_EQ(most_worker(), 0);
    stage = 2;
    stage.notify_all();
    stage.wait(2);
    EXPECT_EQ(most_worker(), 1);
  });
  first.join();
  set_num_threads(before);
}

TEST(Threads, OfATeamMayBeginLoopsAndTeamsOfTheirOwn) {
  const int before = num_threads();
  set_num_threads(3);
  std::vector<std::atomic<int>> seen(10);
  with_team(3, [&] {
    with_team(3, [&] { count_in(seen, 10, 1); });
    parallel_for(3, 1, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i) with_team(3, [&] { count_in(seen, 10, 1); });
    });
    count_in(seen, 10, 1);
  });
  count_in(seen, 10, 1);
  for (const auto& times : seen) EXPECT_EQ(times, 6);
  set_num_threads(before);
}

TEST(Threads, OfATeamAreFreeAgainAfterAnException) {
  const int before = num_threads();
  set_num_threads(2);
  const auto throws = [] { with_team(2, [] { throw std::runtime_error("no"); }); };
  EXPECT_THROW(throws(), std::runtime_error);
  std::vector<std::atomic<int>> seen(10), workers(2);
  count_in(seen, 10, 1);
  for (const auto& times : seen) EXPECT_EQ(times, 1);
  parallel_for_workers(2, 1, 2,
                       [&](int worker, std::int64_t, std::int64_t) { ++workers[static_cast<std::size_t>(worker)]; });
  for (const auto& ranges : workers) EXPECT_EQ(ranges, 1);
  set_num_threads(before);
}

// A made-up tree of control groups.
struct Groups : testing::Test {
  Groups() { fs::create_directories(root); }
  ~Groups() override { fs::remove_all(root); }
  void write(const fs::path& path, const std::string& text) const {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text << '\n';
  }
  double cpus() const { return detail::cgroup_cpus(root, root / "membership"); }

  const fs::path root = fs::path(testing::TempDir()) /
                        ("minnow_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
};

TEST_F(Groups, WithoutALimitAllowAnything) {
  EXPECT_TRUE(std::isinf(cpus()));
  write("cpu.max", "max 100000");
  write("membership", "0::/user.slice");
  EXPECT_TRUE(std::isinf(cpus()));
}

TEST_F(Groups, AllowWhatTheOwnOneAndThoseAboveItDo) {
  write("membership", "0::/user.slice/job.service");
  write("user.slice/job.service/cpu.max", "150000 100000");
  EXPECT_EQ(cpus(), 1.5);
  write("user.slice/cpu.max", "50000 100000");
  EXPECT_EQ(cpus(), 0.5);
  write("user.slice/cpu.max", "max 100000");
  EXPECT_EQ(cpus(), 1.5);
}

TEST_F(Groups, MayBeSeenAsTheRootByAContainer) {
  write("membership", "0::/somewhere/else");
  write("cpu.max", "200000 100000");
  EXPECT_EQ(cpus(), 2);
}

TEST_F(Groups, OfTheFirstVersionHaveTwoFiles) {
  write("membership", "5:memory:/a\n4:cpu,cpuacct:/a/b");
  write("cpu/a/b/cpu.cfs_quota_us", "-1");
  write("cpu/a/b/cpu.cfs_period_us", "100000");
  EXPECT_TRUE(std::isinf(cpus()));
  write("cpu/a/cpu.cfs_quota_us", "300000");
  write("cpu/a/cpu.cfs_period_us", "100000");
  EXPECT_EQ(cpus(), 3);
}

}  // namespace
}  // namespace minnow
