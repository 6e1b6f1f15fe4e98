#include <gmock/gmock.h>

#include <minnow/io/tensors.h>

#include "support.h"
#include "tools/run.h"

namespace minnow::test {
namespace {

using testing::HasSubstr, testing::IsEmpty;

TEST(Convert, KeepsEveryBitFromFormatToFormat) {
  const Scratch scratch;
  const std::string a = scratch.file("a.safetensors"), b = scratch.file("b.json"), c = scratch.file("c.json");
  for (const std::string& arguments :
       {shipped_weights + ' ' + a, "--lists " + a + ' ' + b, "--model resnet20 " + b + ' ' + c}) {
    const Outcome result = minnow("convert " + arguments);
    EXPECT_EQ(result.code, 0) << arguments << '\n' << result.err;
    EXPECT_THAT(result.out + result.err, IsEmpty());
  }
  const WeightsFile before = read_weights(shipped_weights), lists = read_weights(b), after = read_weights(c);
  EXPECT_TRUE(lists.model.empty());
  EXPECT_EQ(after.model, "resnet20");
  EXPECT_EQ(after.labels, before.labels);
  EXPECT_EQ(after.preset, before.preset);
  ASSERT_EQ(after.tensors.size(), before.tensors.size());
  for (const NamedTensor& tensor : before.tensors) {
    ASSERT_NE(after.find(tensor.name), nullptr) << tensor.name;
    EXPECT_TENSOR_EQ(*after.find(tensor.name), tensor.value) << tensor.name;
  }
  EXPECT_THAT(minnow("classify --weights " + a + ' ' + pictures + "/truck.jpg").out, HasSubstr(" %  truck\n"));
}

TEST(Convert, SaysWhatIsWrongAndWritesNothing) {
  const Scratch scratch;
  const std::string out = scratch.file("out.json");
  EXPECT_THAT(minnow("convert " + scratch.file("gone.json") + ' ' + out).err, HasSubstr("gone.json"));
  EXPECT_THAT(minnow("convert " + scratch.file("bad.json", "{\"a\": [1, [2]]}") + ' ' + out).err,
              HasSubstr("bad.json"));
  EXPECT_THAT(minnow("convert --model resnet32 " + shipped_weights + ' ' + out).err, HasSubstr("not for resnet32"));
  EXPECT_FALSE(fs::exists(out));
  const Outcome extension = minnow("convert " + shipped_weights + ' ' + scratch.file("out.bin"));
  EXPECT_EQ(extension.code, 1);
  EXPECT_THAT(extension.err, HasSubstr("out.bin"));
}

}  // namespace
}  // namespace minnow::test
