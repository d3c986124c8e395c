/** Every limit of the service, each with its source. */

/** API, common parameters: the largest difference between a request's timestamp and the server's clock. */
export const timestampSkewMillis = 15 * 60 * 1000
/** Twice the timestamp window: after this time a replayed request fails by its timestamp alone. */
export const nonceLifetimeMillis = 2 * timestampSkewMillis
/** A longer nonce is refused, because nonces stay in memory for half an hour. */
export const nonceCharsMax = 256

/** The bytes that are read of a request that is too large, so that its client can read the answer. */
export const droppedBytesMax = 64 * 1024 * 1024
export const requestTimeoutMillis = 15_000
export const headersTimeoutMillis = 10_000
export const handshakeTimeoutMillis = 10_000
export const connectionsMax = 4096
/**
 * Own limit: one address may have a quarter of the connections, more than SDK pools and load tests on one machine use.
 */
export const connectionsPerAddressDefault = 1024
/**
 * Own limit: the processes of one server. Each has 5 connections to its database, which by default accepts 100, so
 * `serve` starts no more than 8 by itself.
 */
export const workersMax = 64
export const workersDefaultMax = 8
/** `serve` waits this long at its start for a database that cannot be reached yet, seconds. */
export const storeWaitSeconds = { default: 60, maximum: 3600 } as const
/** A stopping server waits this long for clients to finish their requests and read their answers. */
export const drainMillis = 5000
/** Then it waits this long for requests in progress. */
export const executionMillis = 5000
/** A stopping server closes a connection that was idle for this long; before that, its client may be about to send. */
export const lingerMillis = 500

/** API, CreateKey and UpdateKeyDescription. */
export const descriptionCharsMax = 8192
/** API, EncryptionContext. */
export const encryptionContextCharsMax = 8192
/** An entry of a context has at least these characters in JSON: `"":"",`. ReEncrypt takes two contexts, in parts. */
export const requestParametersMax = 2 * Math.ceil(encryptionContextCharsMax / 6) + 200
/** User guide 4.1: Encrypt takes up to 6 KB. */
export const plaintextBytesMax = 6144
/**
 * A blob holds at most the Base64 text of 6 KB, its header and tag; anything longer is refused before it is decoded.
 */
export const ciphertextBlobCharsMax = 16 * 1024
/** The longest SM2 ciphertext, 6,159 bytes in DER, as Base64 in lines of 64 characters that end with CR and LF. */
export const asymmetricCharsMax = 8_480
/** API, import: a wrapped material has 256 bytes, an import token fewer; both limits leave room for line ends. */
export const wrappedMaterialCharsMax = 1024
export const importTokenCharsMax = 1024
/** The SubjectPublicKeyInfo of a 2048-bit RSA key has 294 bytes. */
export const publicKeyCharsMax = 2048
/** The longest subject, with every part that has a keyword, has about 1,500 characters. */
export const subjectCharsMax = 2048
/** Certification authorities accept about a hundred names in one certificate. */
export const alternativeNamesMax = 100
/** RFC 5321, section 4.5.3.1.3: the longest mailbox; a host has 253. */
export const alternativeNameCharsMax = 254
/** The last second of the year 9999: times are written with four digits for the year. */
export const instantSecondsMax = 253_402_300_799
/** API, GenerateDataKey. */
export const dataKeyBytesMax = 1024
/** Own limit: the requests that one call of the library takes at once. */
export const manyRequestsMax = 10_000
/** API, ScheduleKeyDeletion: 7 to 30 days in the user guide, and up to 366 since 2022, which a setting allows. */
export const pendingWindowInDays = { minimum: 7, maximum: 30, default: 30, settableMaximum: 366 } as const
/** API, lists. */
export const page = { sizeMinimum: 1, sizeMaximum: 100, sizeDefault: 10 } as const
/** API, ListKeyVersions and ListAliasesByKeyId: the documented page size is up to 101. */
export const longPageSizeMaximum = 101
/** API, ListKeys: filters, and values of a filter. */
export const filtersMax = 10
/** The longest filters: values of 128 characters, each written as an escape of JSON, `\\ud83d\\ude00`. */
export const filtersCharsMax = filtersMax * filtersMax * (128 * 12 + 4) + filtersMax * 40
/** User guide 8.2: a rotation interval lies between 7 and 730 days. */
export const rotationIntervalSeconds = { minimum: 7 * 86_400, maximum: 730 * 86_400 } as const
/** API, quotas, for each account and region; service keys are not counted. */
export const keysPerRealmMax = 200
export const aliasesPerRealmMax = 300
/** API, CreateKeyVersion, for each asymmetric key. The machine refuses more. */
export const versionsPerKeyMax = 50
/** API, tags: a key gets up to 10 by TagResource, up to 20 by the operations on several resources. */
export const tagsPerCallMax = { one: 10, many: 20 } as const
export const tagKeyBytesMax = 128
export const tagValueCharsMax = 128
export const resourcesPerCallMax = 50
export const tagRowsPerPage = 200

/** RAM, limits: the length of a custom policy (2,048 until 2021). */
export const policyCharsMax = 6144
/** API, SetKeyPolicy. */
export const keyPolicyBytesMax = 32_768
export const policySidCharsMax = 128
/** Own limit: a trust policy may be as long as a policy of RAM. */
export const trustPolicyCharsMax = policyCharsMax
/**
 * A policy, its Statement, a statement, its Condition, an operator, a key's values: the grammar has no deeper level.
 */
export const policyDepthMax = 6
/** RAM, limits (December 2025): the entities of an account, and the attachments of a user, group or role. */
export const usersMax = 5000
export const groupsMax = 300
export const rolesMax = 1000
export const policiesMax = 1500
export const accessKeysPerUserMax = 2
export const groupsPerUserMax = 10
export const policiesPerHolderMax = { Custom: 10, System: 20 } as const
export const policyVersionsMax = 5
/** RAM, CreateUser and similar operations. */
export const commentsCharsMax = 128
export const ramDescriptionCharsMax = 1024
/** RAM, lists. */
export const ramPage = { minimum: 1, maximum: 1000, default: 100 } as const
/** RAM, CreateRole: the longest session of a role. */
export const roleSessionSeconds = { minimum: 3600, maximum: 43_200, default: 3600 } as const
/** Own limit: the length of a chain of sessions. Each session is part of the token of the next. */
export const sessionChainMax = 8
export const externalIdChars = { minimum: 2, maximum: 1224 } as const
/** Own limit: a test server has few accounts, and one root may create them all. */
export const accountsMax = 1000
/** RAM, limits: names of users and roles, and of policies. */
export const principalNameCharsMax = 64
export const policyNameCharsMax = 128
/** STS, AssumeRole. */
export const sessionSeconds = { minimum: 900, maximum: 43_200, default: 3600 } as const
export const sessionNameChars = { minimum: 2, maximum: 64 } as const
export const sessionPolicyCharsMax = 2048

/** The number of requests that may wait for one key before the answer is Rejected.Throttling. */
export const mailboxDepthMax = 256
/** A key that was not used for this long releases its actor and the opened material. */
export const actorIdleMillis = 5 * 60 * 1000
/** The longest sleep of the clock service, even if the next deadline is later. */
export const clockSleepMillisMax = 60_000
/**
 * A machine's clock is followed while it differs from elapsed time by less than this. Request timestamps have the same
 * window, so a larger difference would make requests fail.
 */
export const clockToleranceMillis = timestampSkewMillis
/** A larger jump needs the decision of a person. A machine that was off for up to this long needs none. */
export const clockStepMillisMax = 24 * 60 * 60 * 1000
/** A smaller jump forward is accepted after the difference was constant for this long. */
export const clockSteadyMillis = 60 * 60 * 1000
/** A difference that changes by less than this counts as constant. */
export const clockWobbleMillis = 60_000
/** The fastest drift of a clock: twice what NTP corrects (RFC 5905, 500 parts in a million). */
export const clockDriftMax = 0.001
/** The machine's clock is compared with elapsed time after it moved by more than this since the last comparison. */
export const clockLookMillisMax = 2 * clockSleepMillisMax
/** While the machine's clock is not followed, it is compared at most this often. */
export const clockLookMillisMin = 1000
/** The audit record of a use reaches the disk within this time. */
export const auditFlushMillis = 50

/** The interval at which an engine on a shared store reports that it is running. */
export const nodeBeatMillis = 10_000
/** An engine that missed four reports has ended or cannot reach the store. */
export const nodeLostMillis = 4 * nodeBeatMillis
/** An engine without a report for this long is removed from the list. */
export const nodeForgottenMillis = 24 * 60 * 60 * 1000
/** A page of the audit log: the records on it, and the number of lines searched before the answer. */
export const auditPageSize = { minimum: 1, maximum: 1000, default: 100 } as const
/** A page of a key's journal. */
export const keyEventsPage = { minimum: 1, maximum: 1000, default: 200 } as const
export const auditLinesPerPageMax = 20_000

export const dayMillis = 86_400_000
