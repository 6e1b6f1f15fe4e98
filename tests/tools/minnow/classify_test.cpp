#include <gmock/gmock.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "tools/run.h"

namespace minnow::test {
namespace {

using testing::HasSubstr, testing::IsEmpty, testing::Not;
using Json = nlohmann::json;

TEST(Classify, NamesWhatIsInThePicturesThatComeWithTheProject) {
  const Outcome result = minnow("classify --json --top 3 " + pictures);
  EXPECT_EQ(result.code, 0) << result.err;
  const Json all = Json::parse(result.out);
  EXPECT_EQ(all.size(), 10u);
  for (const Json& one : all) {
    const std::string name = fs::path(one.at("picture").get<std::string>()).stem().string();
    ASSERT_EQ(one.at("predictions").size(), 3u);
    EXPECT_EQ(one.at("predictions")[0].at("label"), name);
    EXPECT_GT(one.at("predictions")[0].at("probability").get<double>(), 0.5);
    EXPECT_GT(one.at("seconds").get<double>(), 0.0);
  }
}

TEST(Classify, ManyPicturesGetTheAnswersOfEachAlone) {
  const Json all = Json::parse(minnow("classify --json " + pictures).out);
  for (const Json& one : all) {
    const Json alone = Json::parse(minnow("classify --json " + one.at("picture").get<std::string>()).out)[0];
    for (std::size_t i = 0; i < 5; ++i) {
      const Json &a = one.at("predictions")[i], &b = alone.at("predictions")[i];
      EXPECT_NEAR(a.at("probability").get<double>(), b.at("probability").get<double>(), 1e-4);
      if (a.at("probability").get<double>() > 1e-3) {
        EXPECT_EQ(a.at("label"), b.at("label"));
      }
    }
  }
}

TEST(Classify, PrintsATable) {
  const Outcome result = minnow("classify --top 2 --threads 1 " + pictures + "/ship.png");
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, HasSubstr("ship.png  ("));
  EXPECT_THAT(result.out, HasSubstr(" %  ship\n"));
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 3);
  EXPECT_THAT(result.err, IsEmpty());  // no bar where there is no terminal
}

TEST(Classify, ReportsABrokenPictureAndGoesOn) {
  const Scratch scratch;
  const std::string broken = scratch.file("a.png", "not a picture"), folder = scratch.path.string();
  fs::copy(pictures + "/frog.png", scratch.path / "b.PNG");
  scratch.file("notes.txt", "passed over");
  const Outcome table = minnow("classify " + folder);
  EXPECT_EQ(table.code, 1);
  EXPECT_THAT(table.err, HasSubstr("a.png"));
  EXPECT_THAT(table.out, HasSubstr(" %  frog\n"));
  const Outcome json = minnow("classify --json " + broken + ' ' + folder + "/b.PNG " + folder + "/gone.jpg");
  EXPECT_EQ(json.code, 1);
  const Json all = Json::parse(json.out);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_THAT(all[0].at("error").get<std::string>(), HasSubstr("a.png"));
  EXPECT_EQ(all[1].at("predictions")[0].at("label"), "frog");
  EXPECT_THAT(all[2].at("error").get<std::string>(), HasSubstr("gone.jpg"));
}

TEST(Classify, WalksFoldersBelowAndSaysWhenThereIsNothing) {
  const Scratch scratch;
  fs::create_directories(scratch.path / "a/b");
  const Outcome nothing = minnow("classify " + scratch.path.string());
  EXPECT_EQ(nothing.code, 1);
  EXPECT_THAT(nothing.err, HasSubstr("no .jpg, .jpeg or .png"));
  const Outcome other = minnow("classify " + scratch.path.string() + ' ' + pictures + "/ship.png");
  EXPECT_EQ(other.code, 1);
  EXPECT_THAT(other.out, HasSubstr("ship"));  // the rest goes on
  fs::copy(pictures + "/frog.png", scratch.path / "a/b/deep.png");
  EXPECT_THAT(minnow("classify " + scratch.path.string()).out, HasSubstr("deep.png"));
}

TEST(Classify, AFolderThatCannotBeReadHidesNoOther) {
  const Scratch scratch;
  for (const char* name : {"a", "b", "c"}) {
    fs::create_directory(scratch.path / name);
    fs::copy(pictures + "/frog.png", scratch.path / name / "frog.png");
  }
  fs::create_directory_symlink(scratch.path, scratch.path / "c/loop");
  fs::permissions(scratch.path / "b", fs::perms::none);
  const bool may_read = !access((scratch.path / "b").c_str(), R_OK);  // as root does
  const Outcome result = minnow("classify --top 1 " + scratch.path.string());
  fs::permissions(scratch.path / "b", fs::perms::owner_all);
  EXPECT_THAT(result.out, HasSubstr("a/frog.png"));
  EXPECT_THAT(result.out, HasSubstr("c/frog.png"));
  EXPECT_THAT(result.out, Not(HasSubstr("loop")));
  if (may_read) GTEST_SKIP() << "every folder can be read here";
  EXPECT_THAT(result.err, HasSubstr("/b: Permission denied"));
}

TEST(Classify, NamesThatAreNotUtf8CanBeToldApart) {
  const Scratch scratch;
  fs::copy(pictures + "/frog.png", scratch.path / "\xff.png");
  const Json one = Json::parse(minnow("classify --json " + scratch.path.string()).out)[0];
  const auto bytes = one.at("picture_bytes").get<std::vector<std::uint8_t>>();
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), (scratch.path / "\xff.png").string());
}

TEST(Classify, TurnsPicturesOnRequest) {
  EXPECT_EQ(minnow("classify --exif-orientation " + pictures + "/ship.png").code, 0);
}

TEST(Classify, TakesOtherWeightsAndSaysWhatIsWrongWithThem) {
  const Scratch scratch;
  const std::string picture = ' ' + pictures + "/ship.png";
  EXPECT_THAT(minnow("classify --weights " + shipped_weights + picture).out, HasSubstr(" %  ship\n"));
  EXPECT_THAT(minnow("classify --weights ''" + picture).err, HasSubstr("the name of the file is empty"));
  const Outcome gone = minnow("classify --weights " + scratch.file("gone.json") + picture);
  EXPECT_EQ(gone.code, 1);
  EXPECT_THAT(gone.err, HasSubstr("gone.json"));
  const Outcome empty = minnow("classify --weights " + scratch.file("empty.json", "") + picture);
  EXPECT_EQ(empty.code, 1);
  EXPECT_THAT(empty.err, HasSubstr("empty.json"));
  const Outcome other = minnow("classify --model resnet18 --weights " + shipped_weights + picture);
  EXPECT_EQ(other.code, 1);
  EXPECT_THAT(other.err, HasSubstr("for resnet20, not for resnet18"));
}

}  // namespace
}  // namespace minnow::test
