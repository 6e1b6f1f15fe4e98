#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>
#include <sstream>

#include <minnow/zoo/zoo.h>

#include "support.h"
#include "tools/run.h"

namespace minnow::test {
namespace {

using testing::HasSubstr;

TEST(Serve, WritesTheLogitsAndTimesACallForEachLine) {
  const Scratch scratch;
  const Tensor x = rand({2, 3, 32, 32});
  const std::string bytes(reinterpret_cast<const char*>(x.data()), static_cast<std::size_t>(x.nbytes()));
  const std::string input = scratch.file("input.f32", bytes), logits = scratch.file("logits.f32");
  const std::string orders = scratch.file("orders", "run\nmemory\n");
  for (const char* convolutions : {"winograd", "exact"}) {
    const Outcome result = run("minnow_bench_serve", "resnet20 " + shipped_weights + ' ' + input + ' ' + logits +
                                                         " 2,3,32,32 1 " + convolutions + " <" + orders);
    ASSERT_EQ(result.code, 0) << result.err;
    double start = 0, call = 0, peak = 0, anonymous = 0;
    EXPECT_TRUE(std::istringstream(result.out) >> start >> call >> peak >> anonymous) << result.out;
    EXPECT_GT(std::min({start, call, anonymous}), 0);
    EXPECT_GE(peak, anonymous);
    const std::string answer = text_of(logits);
    Tensor actual = empty({2, 10});
    ASSERT_EQ(answer.size(), static_cast<std::size_t>(actual.nbytes()));
    std::memcpy(actual.data(), answer.data(), answer.size());
    EXPECT_TENSOR_NEAR(actual, zoo::open(fs::path(shipped_weights)).model(x), 1e-3);
  }
}

TEST(Serve, SaysWhatIsWrong) {
  EXPECT_EQ(run("minnow_bench_serve", "resnet20").code, 2);
  const Outcome gone = run("minnow_bench_serve", "resnet20 gone.json gone.f32 gone.f32 1,3,32,32 1");
  EXPECT_EQ(gone.code, 1);
  EXPECT_THAT(gone.err, HasSubstr("serve: gone.json"));
}

}  // namespace
}  // namespace minnow::test
