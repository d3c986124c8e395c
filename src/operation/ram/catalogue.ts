/** Every operation of RAM (2015-05-01) that is answered. */
import type { Operation } from "../operation.ts"
import { CreateAccessKey, DeleteAccessKey, ListAccessKeys, UpdateAccessKey } from "./accessKeys.ts"
import {
  ClearAccountAlias,
  GetAccountAlias,
  GetPasswordPolicy,
  GetSecurityPreference,
  SetAccountAlias
} from "./account.ts"
import {
  AttachPolicyToGroup,
  AttachPolicyToRole,
  AttachPolicyToUser,
  DetachPolicyFromGroup,
  DetachPolicyFromRole,
  DetachPolicyFromUser,
  ListEntitiesForPolicy,
  ListPoliciesForGroup,
  ListPoliciesForRole,
  ListPoliciesForUser
} from "./attachments.ts"
import {
  AddUserToGroup,
  CreateGroup,
  DeleteGroup,
  GetGroup,
  ListGroups,
  ListGroupsForUser,
  ListUsersForGroup,
  RemoveUserFromGroup,
  UpdateGroup
} from "./groups.ts"
import {
  CreateLoginProfile,
  DeleteLoginProfile,
  GetLoginProfile,
  GetUserMFAInfo,
  ListVirtualMFADevices,
  UnbindMFADevice,
  UpdateLoginProfile
} from "./loginProfiles.ts"
import {
  CreatePolicy,
  CreatePolicyVersion,
  DeletePolicy,
  DeletePolicyVersion,
  GetPolicy,
  GetPolicyVersion,
  ListPolicies,
  ListPolicyVersions,
  SetDefaultPolicyVersion,
  UpdatePolicyDescription
} from "./policies.ts"
import { ListTagResources, TagResources, UntagResources } from "./resourceTags.ts"
import { CreateRole, DeleteRole, GetRole, ListRoles, UpdateRole } from "./roles.ts"
import { CreateUser, DeleteUser, GetUser, ListUsers, UpdateUser } from "./users.ts"

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
