/** The errors of RAM (2015-05-01) and STS (2015-04-01), as the vendor's "Error messages" pages list them. */

export interface Answer {
  readonly status: number
  readonly message: string
}

const faults = {
  Length: 'The parameter - "{parameter}" beyond the length limit.',
  InvalidChars: 'The parameter - "{parameter}" contains invalid chars.',
  Format: 'The format of the parameter - "{parameter}" is incorrect.'
} as const

export type ParameterFault = keyof typeof faults

type FaultOf<Name extends string, Fault extends string> = {
  readonly [N in Name as `InvalidParameter.${N}.${Fault}`]: Answer
}

/** One code for each parameter. The type states the keys, because `fromEntries` loses them. */
const faultOf = <const Name extends string, const Fault extends ParameterFault>(
  fault: Fault,
  names: ReadonlyArray<Name>
): FaultOf<Name, Fault> => {
  const answer: Answer = { status: 400, message: faults[fault] }
  return Object.fromEntries(names.map((name) => [`InvalidParameter.${name}.${fault}`, answer])) as FaultOf<Name, Fault>
}

const names = ["UserName", "NewUserName", "GroupName", "NewGroupName", "RoleName", "PolicyName"] as const
const texts = ["DisplayName", "NewDisplayName", "Comments", "NewComments", "Description", "NewDescription"] as const
const documents = ["PolicyDocument", "AssumeRolePolicyDocument", "NewAssumeRolePolicyDocument"] as const
const formatted = ["MobilePhone", "NewMobilePhone", "Email", "NewEmail", "VersionId", "AccountAlias"] as const

export type BoundedName = (typeof names)[number]
export type BoundedText = (typeof texts)[number] | (typeof documents)[number]
export type FormattedText = (typeof formatted)[number]

export const ramParameterAnswers = {
  ...faultOf("Length", [...names, ...texts, ...documents, "AccountAlias"]),
  ...faultOf("InvalidChars", names),
  ...faultOf("Format", formatted),
  "InvalidParameter.PolicyType": { status: 400, message: 'The parameter - "PolicyType" is incorrect.' },
  "InvalidParameter.Password.TooWeak": {
    status: 400,
    message: 'The parameter - "Password" is not compliant with the password policy.'
  },
  MissingRoleArn: { status: 400, message: "RoleArn is mandatory for this action." },
  MissingRoleSessionName: { status: 400, message: "RoleSessionName is mandatory for this action." },
  "InvalidParameter.RoleArn": { status: 400, message: "The parameter RoleArn is wrongly formed." },
  "InvalidParameter.RoleSessionName": { status: 400, message: "The parameter RoleSessionName is wrongly formed." },
  "InvalidParameter.DurationSeconds": {
    status: 400,
    message: "The Min/Max value of DurationSeconds is 15min/{detail}."
  },
  "InvalidParameter.ExternalId": { status: 400, message: "The parameter ExternalId is wrongly formed." },
  "InvalidParameter.PolicyGrammar": { status: 400, message: "The parameter Policy has not passed grammar check." },
  "InvalidParameter.PolicySize": { status: 400, message: "The size of Policy must be smaller than {detail} bytes." }
} as const satisfies Record<string, Answer>

export const ramPermissionAnswers = {
  NoPermission: { status: 403, message: "{detail}" }
} as const satisfies Record<string, Answer>

export const ramAbsenceAnswers = {
  "EntityNotExist.User": { status: 404, message: "The user does not exist." },
  "EntityNotExist.User.AccessKey": { status: 404, message: "The user access key does not exist." },
  "EntityNotExist.User.LoginProfile": { status: 404, message: "The user login profile does not exist." },
  "EntityNotExist.User.MFADevice": { status: 404, message: "The user has not bound any MFA device." },
  "EntityNotExist.User.Policy": { status: 404, message: "The indicate policy of the user does not exist." },
  "EntityNotExist.User.Group": { status: 404, message: "The user has not joined the group." },
  "EntityNotExist.Group": { status: 404, message: "The group does not exist." },
  "EntityNotExist.Group.Policy": {
    status: 404,
    message: "The indicate policy attached to the group does not exist."
  },
  "EntityNotExist.Role": { status: 404, message: "The role does not exist." },
  "EntityNotExist.Role.Policy": { status: 404, message: "The indicate policy attached to the role does not exist." },
  "EntityNotExist.Policy": { status: 404, message: "The policy does not exist." },
  "EntityNotExist.Policy.Version": { status: 404, message: "The policy version does not exist." },
  "EntityNotExist.AccountAlias": { status: 404, message: "The account alias does not exist." }
} as const satisfies Record<string, Answer>

export const ramConflictAnswers = {
  "EntityAlreadyExists.Account": { status: 409, message: "The account does already exist." },
  "EntityAlreadyExists.AccessKey": { status: 409, message: "The access key does already exist." },
  "EntityAlreadyExists.AccountAlias": { status: 409, message: "The account alias does already exist." },
  "EntityAlreadyExists.User": { status: 409, message: "The user does already EXIST." },
  "EntityAlreadyExists.User.LoginProfile": { status: 409, message: "The user login profile does already EXIST." },
  "EntityAlreadyExists.User.Policy": { status: 409, message: "The user has already been attached this policy." },
  "EntityAlreadyExists.User.Group": { status: 409, message: "The user has already joined the group." },
  "EntityAlreadyExists.Group": { status: 409, message: "The group does already EXIST." },
  "EntityAlreadyExists.Group.Policy": { status: 409, message: "The group has already been attached this policy." },
  "EntityAlreadyExists.Role": { status: 409, message: "The role does already EXIST." },
  "EntityAlreadyExists.Role.Policy": { status: 409, message: "The role has already been attached this policy." },
  "EntityAlreadyExists.Policy": { status: 409, message: "The policy does already EXIST." },
  "DeleteConflict.User.Group": {
    status: 409,
    message: "The user CAN NOT be in any group while deleting the user."
  },
  "DeleteConflict.User.AccessKey": {
    status: 409,
    message: "The user CAN NOT has any access key while deleting the user."
  },
  "DeleteConflict.User.LoginProfile": {
    status: 409,
    message: "The user CAN NOT has any login profile while deleting the user."
  },
  "DeleteConflict.User.Policy": {
    status: 409,
    message: "The user CAN NOT has any attached policy while deleting the user."
  },
  "DeleteConflict.Group.User": {
    status: 409,
    message: "The group CAN NOT has any user member while deleting the group."
  },
  "DeleteConflict.Group.Policy": {
    status: 409,
    message: "The entity CAN NOT has any attached policy while deleting the group."
  },
  "DeleteConflict.Role.Policy": {
    status: 409,
    message: "The role CAN NOT has any attached policy while deleting the role."
  },
  "DeleteConflict.Policy.User": {
    status: 409,
    message: "The policy CAN NOT been attached to any user while deleting the policy."
  },
  "DeleteConflict.Policy.Group": {
    status: 409,
    message: "The policy CAN NOT been attached to any group while deleting the policy."
  },
  "DeleteConflict.Policy.Role": {
    status: 409,
    message: "The policy CAN NOT been attached to any role while deleting the policy."
  },
  "DeleteConflict.Policy.Version": {
    status: 409,
    message: "The policy CAN NOT has any version except the default version."
  },
  "DeleteConflict.Policy.Version.Default": {
    status: 409,
    message: "The default policy version CAN NOT been deleted directly."
  }
} as const satisfies Record<string, Answer>

const limit = (counted: string): Answer => ({
  status: 409,
  message: `The count of ${counted} beyond the current limits.`
})

export const ramLimitAnswers = {
  "LimitExceeded.Account": limit("accounts"),
  "LimitExceeded.User": limit("users"),
  "LimitExceeded.User.AccessKey": limit("the user access keys"),
  "LimitExceeded.User.Group": limit("groups the target user joined"),
  "LimitExceeded.User.Policy": limit("policies attached to the user"),
  "LimitExceeded.Group": limit("groups"),
  "LimitExceeded.Group.Policy": limit("policies attached to the group"),
  "LimitExceeded.Role": limit("roles"),
  "LimitExceeded.Role.Policy": limit("policies attached to the role"),
  "LimitExceeded.Policy": limit("policy"),
  "LimitExceeded.Policy.Version": limit("policy version"),
  "LimitExceeded.Tag": limit("tags of the resource")
} as const satisfies Record<string, Answer>
