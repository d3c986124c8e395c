/** The table of all supported operations of RAM (2015-05-01). */
import type { Operation } from "../operation.ts"
import { CreateAccessKey } from "./accessKeys/CreateAccessKey.ts"
import { DeleteAccessKey } from "./accessKeys/DeleteAccessKey.ts"
import { ListAccessKeys } from "./accessKeys/ListAccessKeys.ts"
import { UpdateAccessKey } from "./accessKeys/UpdateAccessKey.ts"
import { ClearAccountAlias } from "./account/ClearAccountAlias.ts"
import { GetAccountAlias } from "./account/GetAccountAlias.ts"
import { GetPasswordPolicy } from "./account/GetPasswordPolicy.ts"
import { GetSecurityPreference } from "./account/GetSecurityPreference.ts"
import { SetAccountAlias } from "./account/SetAccountAlias.ts"
import { AttachPolicyToGroup } from "./attachments/AttachPolicyToGroup.ts"
import { AttachPolicyToRole } from "./attachments/AttachPolicyToRole.ts"
import { AttachPolicyToUser } from "./attachments/AttachPolicyToUser.ts"
import { DetachPolicyFromGroup } from "./attachments/DetachPolicyFromGroup.ts"
import { DetachPolicyFromRole } from "./attachments/DetachPolicyFromRole.ts"
import { DetachPolicyFromUser } from "./attachments/DetachPolicyFromUser.ts"
import { ListEntitiesForPolicy } from "./attachments/ListEntitiesForPolicy.ts"
import { ListPoliciesForGroup } from "./attachments/ListPoliciesForGroup.ts"
import { ListPoliciesForRole } from "./attachments/ListPoliciesForRole.ts"
import { ListPoliciesForUser } from "./attachments/ListPoliciesForUser.ts"
import { AddUserToGroup } from "./groups/AddUserToGroup.ts"
import { CreateGroup } from "./groups/CreateGroup.ts"
import { DeleteGroup } from "./groups/DeleteGroup.ts"
import { GetGroup } from "./groups/GetGroup.ts"
import { ListGroups } from "./groups/ListGroups.ts"
import { ListGroupsForUser } from "./groups/ListGroupsForUser.ts"
import { ListUsersForGroup } from "./groups/ListUsersForGroup.ts"
import { RemoveUserFromGroup } from "./groups/RemoveUserFromGroup.ts"
import { UpdateGroup } from "./groups/UpdateGroup.ts"
import { CreateLoginProfile } from "./loginProfiles/CreateLoginProfile.ts"
import { DeleteLoginProfile } from "./loginProfiles/DeleteLoginProfile.ts"
import { GetLoginProfile } from "./loginProfiles/GetLoginProfile.ts"
import { GetUserMFAInfo } from "./loginProfiles/GetUserMFAInfo.ts"
import { ListVirtualMFADevices } from "./loginProfiles/ListVirtualMFADevices.ts"
import { UnbindMFADevice } from "./loginProfiles/UnbindMFADevice.ts"
import { UpdateLoginProfile } from "./loginProfiles/UpdateLoginProfile.ts"
import { CreatePolicy } from "./policies/CreatePolicy.ts"
import { CreatePolicyVersion } from "./policies/CreatePolicyVersion.ts"
import { DeletePolicy } from "./policies/DeletePolicy.ts"
import { DeletePolicyVersion } from "./policies/DeletePolicyVersion.ts"
import { GetPolicy } from "./policies/GetPolicy.ts"
import { GetPolicyVersion } from "./policies/GetPolicyVersion.ts"
import { ListPolicies } from "./policies/ListPolicies.ts"
import { ListPolicyVersions } from "./policies/ListPolicyVersions.ts"
import { SetDefaultPolicyVersion } from "./policies/SetDefaultPolicyVersion.ts"
import { UpdatePolicyDescription } from "./policies/UpdatePolicyDescription.ts"
import { ListTagResources } from "./tags/ListTagResources.ts"
import { TagResources } from "./tags/TagResources.ts"
import { UntagResources } from "./tags/UntagResources.ts"
import { CreateRole } from "./roles/CreateRole.ts"
import { DeleteRole } from "./roles/DeleteRole.ts"
import { GetRole } from "./roles/GetRole.ts"
import { ListRoles } from "./roles/ListRoles.ts"
import { UpdateRole } from "./roles/UpdateRole.ts"
import { CreateUser } from "./users/CreateUser.ts"
import { DeleteUser } from "./users/DeleteUser.ts"
import { GetUser } from "./users/GetUser.ts"
import { ListUsers } from "./users/ListUsers.ts"
import { UpdateUser } from "./users/UpdateUser.ts"

export const ramOperations = {
  CreateUser,
  GetUser,
  UpdateUser,
  DeleteUser,
  ListUsers,
  CreateAccessKey,
  UpdateAccessKey,
  DeleteAccessKey,
  ListAccessKeys,
  CreateLoginProfile,
  GetLoginProfile,
  UpdateLoginProfile,
  DeleteLoginProfile,
  GetUserMFAInfo,
  UnbindMFADevice,
  ListVirtualMFADevices,
  CreateGroup,
  GetGroup,
  UpdateGroup,
  DeleteGroup,
  ListGroups,
  AddUserToGroup,
  RemoveUserFromGroup,
  ListUsersForGroup,
  ListGroupsForUser,
  CreateRole,
  GetRole,
  UpdateRole,
  DeleteRole,
  ListRoles,
  CreatePolicy,
  GetPolicy,
  UpdatePolicyDescription,
  DeletePolicy,
  ListPolicies,
  CreatePolicyVersion,
  GetPolicyVersion,
  ListPolicyVersions,
  SetDefaultPolicyVersion,
  DeletePolicyVersion,
  AttachPolicyToUser,
  DetachPolicyFromUser,
  AttachPolicyToGroup,
  DetachPolicyFromGroup,
  AttachPolicyToRole,
  DetachPolicyFromRole,
  ListPoliciesForUser,
  ListPoliciesForGroup,
  ListPoliciesForRole,
  ListEntitiesForPolicy,
  TagResources,
  UntagResources,
  ListTagResources,
  SetAccountAlias,
  GetAccountAlias,
  ClearAccountAlias,
  GetPasswordPolicy,
  GetSecurityPreference
} as const satisfies Readonly<Record<string, Operation<unknown, object>>>
