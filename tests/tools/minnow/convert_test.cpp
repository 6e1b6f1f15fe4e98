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
  for (const std::string& folder : {scratch.file("absent/out.json"), std::string("/proc/out.json")}) {
    const Outcome result = minnow("convert " + shipped_weights + ' ' + folder);
    EXPECT_EQ(result.code, 1);
    EXPECT_THAT(result.err, HasSubstr(folder + ": cannot write: No such file"));
  }
  EXPECT_THAT(minnow("convert " + shipped_weights + " /dev/full").err, HasSubstr("/dev/full: a file of weights is"));
  EXPECT_THAT(minnow("convert /dev/zero " + out).err, HasSubstr("/dev/zero: this is no regular file"));
  EXPECT_THAT(minnow("convert " + scratch.path.string() + ' ' + out).err, HasSubstr("this is a folder"));
  fs::create_directory(out);
  EXPECT_THAT(minnow("convert " + shipped_weights + ' ' + out).err,
              HasSubstr("out.json: cannot write: this is a folder"));
  fs::remove(out);
  EXPECT_THAT(minnow("convert --lists " + shipped_weights + ' ' + scratch.file("x.safetensors")).err,
              HasSubstr("x.safetensors: --lists writes JSON"));
  const Outcome extension = minnow("convert " + shipped_weights + ' ' + scratch.file("out.bin"));
  EXPECT_EQ(extension.code, 1);
  EXPECT_THAT(extension.err, HasSubstr("out.bin"));
}

TEST(Convert, AWriteThatFailsHalfwayLeavesWhatWasThere) {
  const Scratch scratch;
  const std::string out = scratch.file("out.json", "old");
  const std::string limited = "bash -c 'ulimit -f 100; " MINNOW_BIN_DIR "/minnow convert " + shipped_weights + ' ';
  const std::string err = scratch.file("err");
  for (const char* name : {"/out.json", "/out.safetensors"}) {
    EXPECT_NE(std::system((limited + scratch.path.string() + name + "' 2>" + err).c_str()), 0);
    EXPECT_THAT(text_of(err), HasSubstr(std::string(name) + ": cannot write: File too large"));
  }
  EXPECT_EQ(text_of(out), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(scratch.path), fs::directory_iterator()), 2);  // out.json and err
}

}  // namespace
}  // namespace minnow::test
