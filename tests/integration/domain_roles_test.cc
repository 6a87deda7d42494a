// Roles that come with a domain, against the real daemon.

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "integration/daemon_fixture.h"
#include "nexus/admin/v1/access.grpc.pb.h"
#include "nexus/admin/v1/domain.grpc.pb.h"

namespace nexus::integration {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class DomainRolesTest : public DaemonFixture {
 protected:
  void SetUp() override {
    StartDaemon();
    domains_ = admin::v1::DomainService::NewStub(daemon_->Channel());
    access_ = admin::v1::AccessService::NewStub(daemon_->Channel());
  }

  // A schema, and a role for each of `operations`.
  static admin::v1::ApplyDomainRequest Clinic(const std::vector<std::string>& operations) {
    admin::v1::ApplyDomainRequest request;
    request.set_name("clinic");
    const auto declare = [&](const std::string& kind, const std::string& name,
                             const std::string& spec) {
      admin::v1::DomainFile& file = *request.add_declarations();
      file.set_path(absl::StrCat(kind, "-", name, ".yaml"));
      file.set_text(absl::StrCat(R"({"apiVersion":"nexus/v1","kind":")", kind,
                                 R"(","metadata":{"name":")", name, R"("},"spec":)", spec, "}"));
    };
    declare("Schema", "Seen", R"({"definition":{}})");
    for (const std::string& operation : operations) {
      declare("Role", "can-" + operation, absl::StrCat(R"({"operations":[")", operation, R"("]})"));
    }
    return request;
  }
  grpc::Status Apply(const admin::v1::ApplyDomainRequest& request,
                     admin::v1::ApplyDomainResponse* response = nullptr) {
    admin::v1::ApplyDomainResponse ignored;
    return domains_->ApplyDomain(Context().get(), request, response ? response : &ignored);
  }
  // The operations of a role; empty if there is none.
  std::string RoleNow(const std::string& name) {
    admin::v1::ListRolesResponse roles;
    EXPECT_TRUE(access_->ListRoles(Context().get(), {}, &roles).ok());
    for (const admin::v1::Role& role : roles.roles()) {
      if (role.name() == name) return role.operations(0);
    }
    return "";
  }

  std::unique_ptr<admin::v1::DomainService::Stub> domains_;
  std::unique_ptr<admin::v1::AccessService::Stub> access_;
};

TEST_F(DomainRolesTest, ComeAndGoWithTheDomainInOneCommit) {
  admin::v1::ApplyDomainResponse applied;
  const grpc::Status status = Apply(Clinic({"read", "append"}), &applied);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(applied.changes_size(), 3);
  EXPECT_EQ(RoleNow("can-read"), "read");
  EXPECT_EQ(RoleNow("can-append"), "append");
  EXPECT_EQ(ReadStream("$access").back().commit_id(), ReadStream("$domains")[0].commit_id());

  ASSERT_TRUE(Apply(Clinic({"append"})).ok());
  EXPECT_EQ(RoleNow("can-append"), "append");
  admin::v1::RemoveDomainRequest remove;
  remove.set_name("clinic");
  admin::v1::Domain gone;
  ASSERT_TRUE(domains_->RemoveDomain(Context().get(), remove, &gone).ok());
  EXPECT_EQ(RoleNow("can-append"), "");
}

TEST_F(DomainRolesTest, OnesOfOthersAndBuiltInOnesAreNotTakenOver) {
  admin::v1::DefineRoleRequest define;
  define.mutable_role()->set_name("can-append");
  define.mutable_role()->add_operations("read");
  admin::v1::Role ignored;
  ASSERT_TRUE(access_->DefineRole(Context().get(), define, &ignored).ok());
  const grpc::Status taken = Apply(Clinic({"append"}));
  EXPECT_EQ(ReasonOf(taken), "MALFORMED_REQUEST");
  EXPECT_THAT(taken.error_message(), HasSubstr("defined already, and not by this domain"));
  EXPECT_EQ(RoleNow("can-append"), "read");
  EXPECT_THAT(ReadStream("$domains"), SizeIs(0));

  admin::v1::ApplyDomainRequest built_in = Clinic({"replay"});
  built_in.mutable_declarations(1)->set_text(
      R"({"apiVersion":"nexus/v1","kind":"Role","metadata":{"name":"admin"},)"
      R"("spec":{"operations":["read"]}})");
  EXPECT_FALSE(Apply(built_in).ok());
}

TEST_F(DomainRolesTest, ARoleThatSomebodyHasStays) {
  ASSERT_TRUE(Apply(Clinic({"append", "replay"})).ok());
  admin::v1::CreateRoleBindingRequest bind;
  bind.mutable_role_binding()->set_principal("ann");
  bind.mutable_role_binding()->set_role("can-append");
  admin::v1::RoleBinding ignored;
  ASSERT_TRUE(access_->CreateRoleBinding(Context().get(), bind, &ignored).ok());
  EXPECT_FALSE(Apply(Clinic({"replay"})).ok());
  EXPECT_EQ(RoleNow("can-append"), "append");
  EXPECT_THAT(ReadStream("$domains"), SizeIs(1));
}

}  // namespace
}  // namespace nexus::integration
